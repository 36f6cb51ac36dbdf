// Loaded only on a page that refused a form: older browsers know autofocus for form fields alone.
const refused = document.getElementById("refused");
if (refused && document.activeElement !== refused) {
  refused.focus();
}
