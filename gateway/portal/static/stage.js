// The rows are shown before the rest of their page is made (first-table.js): menus, selects, dialogs and the table itself
// take longer to make. Until then each is an empty box or a button that cannot be pressed yet, of the size it will have.
const { ref } = window.Vue;
const SOON = 30;
const AT_LAST = 500;

export const whole = ref(false);

// Resolves once what is drawn now has been seen. A window in the background is never painted and does not wait for it.
const painted = () => new Promise((resume) => {
  requestAnimationFrame(() => setTimeout(resume, SOON));
  setTimeout(resume, AT_LAST);
});

export async function makeWhole() {
  await painted();
  whole.value = true;
}

export const waiting = () => (whole.value ? {} : { 'aria-disabled': 'true' });
