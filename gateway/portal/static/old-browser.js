// Runs only where modules do not: browsers below our floor. Plain ES5 on purpose.
document.getElementById('app').textContent =
  '浏览器版本过低，请使用 Chromium 92 及以上内核的浏览器。This browser is too old: Chromium 92 or later is needed.';
