// Takes the pictures: the head of the page, its matrices, and what the console says.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.MODULES, 'x.js'));
const { chromium } = require('playwright-core');
const folder = process.argv[2];
const here = new URL('.', import.meta.url).pathname;
const names = ['chromium', 'chromium-browser', 'google-chrome'];
const path = process.env.CHROMIUM ?? names.map((name) => `/usr/bin/${name}`).find((name) => statSync(name, { throwIfNoEntry: false }));

// The colours of a terminal, as markup; what else there is of escapes is left out.
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 36: '#76e3ea', 90: '#8b949e' };
const markup = (text) => {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  let open = 0;
  const out = safe.replace(/\x1b\[([0-9;]*)m/g, (_, codes) => {
    let tags = '';
    for (const code of codes.split(';').map(Number)) {
      const style = code === 1 ? 'font-weight:700' : code === 2 ? 'opacity:.7' : COLOURS[code] ? `color:${COLOURS[code]}` : '';
      if (style) { tags += `<span style="${style}">`; open += 1; } else { tags += '</span>'.repeat(open); open = 0; }
    }
    return tags;
  });
  return out + '</span>'.repeat(open);
};

const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-lcd-text'] });
const take = async (page, name, options) => {
  const file = join(here, name);
  await page.screenshot({ path: file, ...options });
  const size = statSync(file).size;
  console.log(`${name}: ${size} bytes`);
  if (size > 150_000) throw new Error(`${name} is too large to be kept`);
};
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(resolve(folder, 'report.html')).href);
  
  await take(page, 'page.png');
  await page.evaluate(() => document.getElementById('matrices').scrollIntoView());
  await take(page, 'matrices.png');
  const console_ = await browser.newPage({ viewport: { width: 830, height: 200 } });
  const lines = readFileSync(join(folder, 'console.txt'), 'utf8').replaceAll(folder, 'reports').trimEnd().split('\n');
  // The first two causes and the end: all of it would be too much for a picture.
  const text = [...lines.slice(0, 20), '…', '', ...lines.slice(-9)].join('\n');
  await console_.setContent(`<body style="margin:0;background:#0d1117"><pre style="margin:0;padding:16px;color:#e6edf3;font:13px/1.45 ui-monospace,monospace">${markup(text)}</pre>`);
  await take(console_, 'console.png', { fullPage: true });
} finally {
  await browser.close();
}
