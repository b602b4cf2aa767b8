'use strict';
(() => {
  const form = document.querySelector('.search');
  const input = document.getElementById('search');
  const output = form.querySelector('output');
  const rows = [...document.querySelectorAll('.row')].map((element) => ({
    element,
    kinds: element.dataset.is.split(' '),
    text: element.querySelector('summary').textContent.toLowerCase() + ' ' + element.querySelector('p').textContent.toLowerCase(),
  }));
  const files = [...document.querySelectorAll('.file')];
  // The rows that fill a cell of a matrix, by the name of the cell.
  const cells = new Map([...document.querySelectorAll('td[data-rows]')].map((cell) => [cell.id.slice('cell-'.length), cell]));
  const filling = (name) => new Set(cells.has(name) ? cells.get(name).dataset.rows.split(' ').map((at) => rows[at]) : []);
  const fits = (row, term) => (term.startsWith('is:') ? row.kinds.includes(term.slice(3)) : row.text.includes(term));
  const search = (query) => {
    const words = query.split(/\s+/).filter(Boolean);
    const sets = words.filter((word) => word.startsWith('cell:')).map((word) => filling(word.slice(5)));
    const terms = words.filter((word) => !word.startsWith('cell:')).map((word) => word.toLowerCase());
    let shown = 0;
    for (const row of rows) {
      const wanted = sets.every((set) => set.has(row)) && terms.every((term) => (term.length > 1 && term.startsWith('!') ? !fits(row, term.slice(1)) : fits(row, term)));
      row.element.hidden = !wanted;
      shown += wanted ? 1 : 0;
    }
    for (const file of files) file.hidden = !file.querySelector('.row:not([hidden])');
    output.textContent = words.length ? output.dataset.shown.replace('{shown}', shown).replace('{all}', rows.length) : '';
  };
  const remember = (query) => history.replaceState(null, '', query ? '#q=' + encodeURIComponent(query) : location.pathname + location.search);
  const ask = (query) => { input.value = query; search(query); };
  const follow = () => {
    const hash = location.hash.slice(1);
    if (hash.startsWith('q=')) {
      let query = hash.slice(2);
      try { query = decodeURIComponent(query); } catch { /* as it is written */ }
      ask(query);
      return;
    }
    const place = hash && document.getElementById(hash);
    if (!place) return;
    if (place.hidden) ask('');
    for (let at = place; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    place.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  input.addEventListener('input', () => { search(input.value); remember(input.value); });
  const showsOnClick = (link, query) => link.addEventListener('click', (event) => {
    event.preventDefault();
    ask(query);
    remember(query);
    document.getElementById('rows').scrollIntoView();
  });
  for (const link of document.querySelectorAll('[data-search]')) showsOnClick(link, link.dataset.search);
  for (const [name, cell] of cells) showsOnClick(cell.querySelector('a'), 'cell:' + name);
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && event.target !== input) { event.preventDefault(); input.focus(); }
    if (event.key === 'Escape' && event.target === input) { ask(''); remember(''); }
  });
  addEventListener('beforeprint', () => { for (const operation of document.querySelectorAll('.operation')) operation.open = true; });
  addEventListener('hashchange', follow);
  follow();
})();
