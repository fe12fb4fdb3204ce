// Before anything is drawn: the theme that the viewer chose here before. A script of its own, because modules run late.
{
  const theme = localStorage.getItem('sidecar-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}
