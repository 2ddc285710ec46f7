// The two pages as HTML: structure and words. What is in them is put there by their programs in page/.

const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="%PROGRAM%"></script>`;

export const ONLINE_PAGE: string = `<!doctype html>
<html lang="en">
<head>
<title>Inspector</title>
${HEAD}
</head>
<body class="online">
<header>
  <h1>Inspector</h1>
  <p id="status" role="status"></p>
  <nav><a href="/offline">Offline</a></nav>
</header>
<iframe id="stately" title="Stately's inspector" referrerpolicy="no-referrer"></iframe>
</body>
</html>
`;

export const OFFLINE_PAGE: string = `<!doctype html>
<html lang="en">
<head>
<title>Inspector</title>
${HEAD}
</head>
<body class="offline">
<header>
  <h1>Inspector</h1>
  <p id="status" role="status"></p>
</header>
<main>
<section id="actor-list" aria-labelledby="actors-title">
  <h2 id="actors-title">Actors</h2>
  <p><input id="actor-filter" type="search" placeholder="Id, machine or state" aria-label="Filter actors" autocomplete="off"></p>
  <p><label><input id="actor-ended" type="checkbox" checked> Show ended ones</label></p>
  <p id="actor-count" class="note"></p>
  <ul id="actors" role="tree" aria-labelledby="actors-title"></ul>
</section>
<section id="actor" aria-labelledby="actor-title" data-chosen="false">
  <h2 id="actor-title">No actor is chosen</h2>
  <dl>
    <div><dt>State</dt><dd id="actor-state"></dd></div>
    <div><dt>Status</dt><dd id="actor-status"></dd></div>
    <div><dt>Machine</dt><dd id="actor-machine"></dd></div>
    <div><dt>Revision</dt><dd id="actor-revision"></dd></div>
    <div><dt>Parent</dt><dd><button id="actor-parent" type="button" hidden></button></dd></div>
  </dl>
  <p class="row"><button id="fit" type="button" aria-pressed="false">Whole picture</button></p>
  <div id="chart" role="group" tabindex="0" aria-label="Statechart"></div>
  <section id="actor-end" hidden>
    <h3 id="actor-end-title">Output</h3>
    <pre id="actor-end-value" tabindex="0"></pre>
  </section>
  <section aria-labelledby="context-title">
    <h3 id="context-title">Context</h3>
    <pre id="actor-context" tabindex="0"></pre>
  </section>
</section>
<section id="stream" aria-labelledby="events-title">
  <h2 id="events-title">Events</h2>
  <p><input id="event-filter" type="search" placeholder="Actor, event or state" aria-label="Filter events" autocomplete="off"></p>
  <p class="row"><button id="pause" type="button" aria-pressed="false">Pause</button>
  <label><input id="event-own" type="checkbox"> Only the chosen actor</label></p>
  <p id="event-count" class="note"></p>
  <ol id="events" aria-labelledby="events-title"></ol>
</section>
</main>
</body>
</html>
`;
