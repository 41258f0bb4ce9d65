// htmx reads its settings from <meta name="htmx-config"> in base.html; the page's policy forbids eval and inline style.
import htmx from "htmx.org";

window.htmx = htmx;
