// What needs a script: copy, "/", closing menus, dialogs, theme at once, the live light. Pages work without it.
(() => {
  const say = text => {
    const status = document.getElementById('say');
    if (status) { status.textContent = ''; setTimeout(() => { status.textContent = text; }, 30); }
  };

  const copyText = async text => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http, or denied */ }
    const area = document.createElement('textarea');
    area.value = text; area.className = 'vh'; area.setAttribute('readonly', '');
    document.body.append(area); area.select();
    let copied = false;
    try { copied = document.execCommand('copy'); } catch { /* said below */ }
    area.remove();
    return copied;
  };

  const copy = async button => {
    const copied = await copyText(button.dataset.copy);
    button.classList.toggle('is-done', copied);
    say(copied ? 'Copied' : 'Could not copy. Select the text and copy it by hand.');
    setTimeout(() => button.classList.remove('is-done'), 1600);
  };

  const setTheme = button => {
    const root = document.documentElement;
    if (button.value === 'auto') root.removeAttribute('data-theme'); else root.dataset.theme = button.value;
    document.querySelectorAll('button[name=theme]').forEach(other => other.setAttribute('aria-pressed', other.value === button.value));
    const form = new FormData(button.form); form.set('theme', button.value);
    fetch(button.form.action, { method: 'POST', body: form, redirect: 'manual' });
  };

  document.addEventListener('click', event => {
    const copier = event.target.closest('[data-copy]');
    if (copier) copy(copier);
    document.querySelectorAll('details.menu[open]').forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
    const dialog = event.target.closest('dialog [data-close]')?.closest('dialog');
    if (dialog) { event.preventDefault(); dialog.close(); }
    const theme = event.target.closest('button[name=theme]');
    if (theme) { event.preventDefault(); setTheme(theme); }
  });

  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') document.querySelectorAll('details.menu[open]').forEach(menu => { menu.open = false; menu.querySelector('summary').focus(); });
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const search = document.getElementById('q');
    if (search?.offsetParent) { event.preventDefault(); search.focus(); search.select(); }
  });

  // What was loaded into a dialog is shown; closed, it is empty again.
  document.addEventListener('htmx:after:swap', () => {
    document.querySelectorAll('dialog:not([open])').forEach(dialog => { if (dialog.firstElementChild) dialog.showModal(); });
  });
  document.addEventListener('close', event => { if (event.target.tagName === 'DIALOG') event.target.replaceChildren(); }, true);

  // What came behind the # of a link was sent to nobody; it goes into the form and out of the history.
  const given = document.querySelector('[data-from-link]');
  if (given && location.hash.length > 1) { given.value = decodeURIComponent(location.hash.slice(1)); history.replaceState(null, '', location.pathname); }

  // The live light says what the stream does: Live, Reconnecting, or off.
  const words = { on: 'Live', re: 'Reconnecting', off: 'Live updates off' };
  const light = state => {
    document.documentElement.dataset.live = state;
    document.querySelectorAll('.live').forEach(lamp => { lamp.className = `live ${state}`; lamp.textContent = words[state]; lamp.hidden = false; });
  };
  const isStream = event => event.target.id === 'stream';
  document.addEventListener('htmx:sse:after:connection', event => light(event.detail.connection.status < 400 ? 'on' : 're'));
  document.addEventListener('htmx:sse:error', () => light('re'));
  document.addEventListener('htmx:response:error', event => { if (isStream(event)) light('off'); });
  document.addEventListener('htmx:error', event => { if (isStream(event)) light('off'); });
  document.addEventListener('htmx:after:swap', () => { const state = document.documentElement.dataset.live; if (state) light(state); });
  // Without a stream the server's answer to /live must not land in the page.
  document.addEventListener('htmx:before:swap', event => { if (isStream(event)) event.preventDefault(); });
})();
