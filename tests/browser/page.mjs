// Opens a page in Chromium and uses it as a person would; each line of output is one thing that held or not.
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.MODULES, 'x.js'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const url = pathToFileURL(resolve(process.argv[2])).href;
const folder = mkdtempSync(join(tmpdir(), 'probity-browser-'));

let failed = 0;
const check = (what, held, seen) => {
  console.log(`${held ? 'held  ' : 'FAILED'} ${what}${held || seen === undefined ? '' : `: ${seen}`}`);
  failed += held ? 0 : 1;
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });

// A page that tells what it would load and what it complains about.
const open = async (options, to = url) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const trouble = [];
  page.on('request', (request) => { if (request.url().split('#')[0] !== url) trouble.push(`asks for ${request.url()}`); });
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(String(error)));
  await page.goto(to);
  return { context, page, trouble };
};
const shown = (page) => page.evaluate(() => document.querySelectorAll('.row:not([hidden])').length);

const uses = async () => {
  const { context, page, trouble } = await open({ viewport: { width: 1280, height: 900 } });
  const all = await page.locator('.row').count();
  const red = await page.locator('.row.fail').count();
  check('it has red rows to look at', red > 0, all);
  await page.click('[data-search="is:fail"]');
  check('a click on a total shows its rows', (await shown(page)) === red, await shown(page));
  check('the address keeps the filter', (await page.evaluate(() => location.hash)) === '#q=is%3Afail');
  await page.fill('#search', 'is:fail !/');
  check('a word with ! takes rows away', (await shown(page)) === 0, await shown(page));
  await page.fill('#search', '');
  check('an empty search shows all', (await shown(page)) === all, await shown(page));
  const cell = page.locator('td.violated[data-rows]').first();
  if (await cell.count()) {
    const rows = (await cell.getAttribute('data-rows')).split(' ').length;
    await cell.evaluate((at) => { for (let up = at; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true; });
    await cell.locator('a').click();
    check('a cell of a matrix shows the rows that fill it', (await shown(page)) === rows, await shown(page));
  }
  await page.keyboard.press('/');
  check('the key / goes to the search', await page.evaluate(() => document.activeElement.id === 'search'));
  await page.keyboard.press('Escape');
  check('Escape empties it', (await page.inputValue('#search')) === '' && (await shown(page)) === all);
  const id = await page.locator('.row.fail').first().getAttribute('id');
  check('nothing is loaded and nothing complained about', trouble.length === 0, trouble.join('; '));
  await context.close();

  const deep = await open({}, `${url}#${id}`);
  check('a link to a row opens it', await deep.page.evaluate((name) => document.getElementById(name).open, id));
  await deep.context.close();
  const filter = await open({}, `${url}#q=is:fail`);
  check('an address with a filter shows its rows', (await shown(filter.page)) === red, await shown(filter.page));
  await filter.context.close();
  const plain = await open({ javaScriptEnabled: false });
  check('without script every row is there', (await plain.page.locator('.row').count()) === all);
  check('without script no search is offered', !(await plain.page.locator('.search').isVisible()));
  await plain.context.close();
};

const looks = async (width, colorScheme) => {
  // The tool has to be put into the page, which the page's own policy forbids.
  const { context, page } = await open({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  const name = `${width} px, ${colorScheme}`;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`${name}: the page is not wider than the window`, wide <= width, wide);
  await page.evaluate(() => { for (const one of document.querySelectorAll('.operation')) one.open = true; });
  const open_ = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`${name}: nor with every table open`, open_ <= width, open_);
  await page.addScriptTag({ content: axe });
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const grave = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  const told = grave.map((one) => `${one.id} (${one.nodes.length}) ${one.nodes[0].html.slice(0, 120)}`);
  check(`${name}: axe finds nothing serious or critical`, grave.length === 0, told.join('; '));
  await context.close();
};

const prints = async () => {
  const { context, page } = await open({});
  const ids = await page.locator('.row.fail > summary > code').allTextContents();
  const path = join(folder, 'page.pdf');
  await page.pdf({ path, format: 'A4' });
  await context.close();
  let text;
  try {
    text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch {
    console.log('not run: pdftotext is not there, so the print was made and not read');
    return;
  }
  const printed = text.replace(/\s+/g, '');
  const missing = ids.filter((id) => !printed.includes(id.replace(/\s+/g, '')));
  check(`all ${ids.length} failed rows are in the print`, missing.length === 0, missing.slice(0, 5).join(', '));
};

try {
  await uses();
  for (const width of [1280, 768, 380]) for (const scheme of ['light', 'dark']) await looks(width, scheme);
  await prints();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed ? `${failed} did not hold` : 'all held');
process.exit(failed ? 1 : 0);
