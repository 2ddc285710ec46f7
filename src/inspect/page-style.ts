// The pages' style: light or dark as the reader's system is, wide or narrow as the window is. The
// pictures of statecharts bring their own.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f9, #0b0f14);
  --panel: light-dark(#ffffff, #10151c);
  --ink: light-dark(#1b2330, #e8edf4);
  --muted: light-dark(#586374, #a3afbf);
  --rule: light-dark(#d9e0e8, #2a3441);
  --chosen: light-dark(#e3eeff, #182f52);
  --accent: light-dark(#1463d8, #6aa8ff);
  --good: light-dark(#17774a, #63cf98);
  --bad: light-dark(#c42b3a, #ff8087);
  --code: light-dark(#f4f6f9, #171e27);
  font: 14px/1.45 system-ui, Helvetica, Arial, 'Liberation Sans', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); height: 100dvh; display: flex; flex-direction: column; }
header { display: flex; gap: 1rem; align-items: baseline; padding: .5rem 1rem; border-bottom: 1px solid var(--rule); background: var(--panel); }
h1, h2, h3, p, dl, dd, ul, ol, pre { margin: 0; }
h1 { font-size: 1rem; }
h2 { font-size: 1rem; overflow-wrap: anywhere; }
h3 { font-size: .8rem; color: var(--muted); font-weight: 600; margin: 1rem 0 .35rem; }
nav { margin-left: auto; }
a { color: var(--accent); }
.note { color: var(--muted); font-size: .85rem; }
#status { color: var(--muted); }
#status::before { content: ''; display: inline-block; width: .55em; height: .55em; border-radius: 50%; margin-right: .45em; background: var(--muted); }
#status[data-status=connected]::before { background: var(--good); }
#status[data-status=lost] { color: var(--bad); }
#status[data-status=lost]::before { background: var(--bad); }
iframe { border: 0; flex: 1; width: 100%; }
.offline main { flex: 1; min-height: 0; display: grid; gap: 1px; background: var(--rule); grid-template-columns: minmax(15rem, 19rem) minmax(0, 1fr) minmax(19rem, 25rem); }
main > section { background: var(--panel); padding: .8rem 1rem; min-height: 0; min-width: 0; overflow: auto; display: flex; flex-direction: column; gap: .5rem; }
#actor { display: block; }
#actor[data-chosen=false] > :not(h2) { display: none; }
#actor > .row { margin-bottom: .5rem; font-size: .85rem; }
input[type=search] { width: 100%; }
input, button { font: inherit; color: inherit; }
input[type=search], button { background: var(--ground); border: 1px solid var(--rule); border-radius: 6px; padding: .3rem .55rem; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button[aria-pressed=true] { background: var(--chosen); border-color: var(--accent); }
input[type=checkbox] { accent-color: var(--accent); margin: 0 .35em 0 0; vertical-align: -1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.row { display: flex; gap: .8rem; align-items: center; }
#actors, #events { list-style: none; padding: 0; overflow: auto; flex: 1; min-height: 6rem; margin: 0 -1rem; border-top: 1px solid var(--rule); }
[role=treeitem] { display: grid; grid-template-columns: 1rem minmax(0, 1fr); padding: .3rem 1rem .3rem calc(.6rem + var(--level) * 1.1rem); border-left: 3px solid transparent; cursor: pointer; outline-offset: -2px; }
[role=treeitem]:hover { background: var(--code); }
[role=treeitem][aria-selected=true] { background: var(--chosen); border-left-color: var(--accent); }
[role=treeitem] .twist { color: var(--muted); }
[role=treeitem][aria-expanded=true] .twist::before { content: '▾'; }
[role=treeitem][aria-expanded=false] .twist::before { content: '▸'; }
[role=treeitem] .name { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[role=treeitem] .state { grid-column: 2; color: var(--muted); font-size: .85rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[role=treeitem][data-status=done] .name, [role=treeitem][data-status=stopped] .name { font-weight: 400; color: var(--muted); }
[role=treeitem][data-status=done] .state::before { content: '✓ '; color: var(--good); }
[role=treeitem][data-status=error] .state { color: var(--bad); }
[role=treeitem][data-status=error] .state::before { content: '✕ '; }
dl { display: flex; flex-wrap: wrap; gap: .35rem 1.8rem; margin: .6rem 0 .8rem; }
dt { color: var(--muted); font-size: .8rem; }
dd { overflow-wrap: anywhere; }
[hidden] { display: none !important; }
dl div:has(button[hidden]) { display: none; }
dl button { padding: 0 .4rem; }
#actor-state { font-weight: 600; color: var(--accent); white-space: pre-wrap; }
#actor-status[data-status=done] { color: var(--good); }
#actor-status[data-status=error] { color: var(--bad); }
#chart { overflow: auto; border: 1px solid var(--rule); border-radius: 10px; max-height: 62vh; min-height: 4rem; }
#chart svg { display: block; margin: 0 auto; }
#chart.fit svg { width: 100%; height: auto; max-height: calc(62vh - 2px); }
#chart .note { padding: 1rem; }
pre { font: .82rem/1.45 ui-monospace, 'Liberation Mono', Consolas, monospace; background: var(--code); border-radius: 6px; padding: .6rem .7rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
#events li { border-bottom: 1px solid var(--rule); }
#events details { padding: .3rem 1rem; }
#events summary { cursor: pointer; display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: .6rem; outline-offset: -2px; }
#events summary::marker { content: ''; }
#events time { color: var(--muted); font-variant-numeric: tabular-nums; font-size: .85rem; }
#events .actor { color: var(--muted); font-size: .85rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#events .type { grid-column: 1 / -1; font-weight: 600; overflow-wrap: anywhere; }
#events .state { grid-column: 1 / -1; color: var(--muted); font-size: .85rem; overflow-wrap: anywhere; }
#events details[open] > :not(summary) { margin-top: .4rem; }
@media (max-width: 68rem) {
  .offline main { grid-template-columns: minmax(13rem, 17rem) minmax(0, 1fr); grid-template-rows: minmax(0, 3fr) minmax(0, 2fr); }
  #stream { grid-column: 1 / -1; }
}
@media (max-width: 42rem) {
  body.offline { height: auto; }
  .offline main { display: block; }
  main > section { border-bottom: 1px solid var(--rule); }
  #actors { max-height: 38dvh; }
  #events { max-height: 70dvh; }
  #chart { max-height: 70dvh; }
}
`;
