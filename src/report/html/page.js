(() => {
  const box = document.createElement('input');
  box.type = 'search';
  box.placeholder = 'Name, bank or code';
  box.setAttribute('aria-label', 'Show only files with this text');
  const files = [...document.querySelectorAll('.file')].map((file) => [file, file.textContent.toLowerCase()]);
  box.addEventListener('input', () => {
    const words = box.value.toLowerCase().split(/\s+/);
    for (const [file, text] of files) file.hidden = !words.every((word) => text.includes(word));
  });
  document.querySelector('.tools').append(box);
})();
