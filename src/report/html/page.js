(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  /* A button to copy each letter. Pages opened as files cannot always use the clipboard API. */
  for (const letter of all('.letter')) {
    const button = make('button', { type: 'button', textContent: 'Copy text' });
    const status = make('span', { className: 'status' });
    status.setAttribute('role', 'status');
    const copyBySelection = () => {
      getSelection().selectAllChildren(letter);
      const done = document.execCommand('copy');
      if (done) getSelection().removeAllRanges();
      return done;
    };
    button.addEventListener('click', async () => {
      status.textContent = '';
      let done = copyBySelection();
      if (!done && navigator.clipboard) {
        done = await navigator.clipboard.writeText(letter.textContent).then(() => true, () => false);
      }
      status.textContent = done ? 'Copied' : 'Select the text and copy it with the keyboard';
    });
    letter.nextElementSibling.append(button, status);
  }

  /* A box that shows only files with certain words. */
  const tools = document.querySelector('.tools');
  if (tools) {
    const box = make('input', { type: 'search', placeholder: 'Name, bank or code' });
    box.setAttribute('aria-label', 'Show only files with this text');
    const files = all('.file').map((file) => [file, file.textContent.toLowerCase()]);
    box.addEventListener('input', () => {
      const words = box.value.toLowerCase().split(/\s+/);
      for (const [file, text] of files) file.hidden = !words.every((word) => text.includes(word));
    });
    tools.append(box);
  }

  /* A link to a group shows all groups first, since the group may be hidden. */
  for (const link of all('.figures a')) {
    link.addEventListener('click', () => {
      const filter = document.getElementById('show-all');
      if (filter) filter.checked = true;
    });
  }

  /* Paper shows the details of all files. */
  const opened = [];
  addEventListener('beforeprint', () => {
    for (const details of all('details:not([open])')) {
      details.open = true;
      opened.push(details);
    }
  });
  addEventListener('afterprint', () => {
    for (const details of opened.splice(0)) details.open = false;
  });
})();
