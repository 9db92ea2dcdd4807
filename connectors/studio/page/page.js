// The page of `hub connector studio`. Plain JavaScript of 2009, so that an old browser takes it, too.
// Whatever comes from a source (a column's name, a sheet's, a shape) is put in as text, never as HTML.
(function () {
  "use strict";
  var state = null, words = {}, picked = null, timer = null, asking = 0, seen = null, clean = true;

  function $(id) { return document.getElementById(id); }

  // A text by its name; {name} in it stands for a value.
  function word(key, name, value) {
    var text = Object.prototype.hasOwnProperty.call(words, key) ? words[key] : key;
    return name ? text.split("{" + name + "}").join(value) : text;
  }

  function el(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text !== undefined) { made.appendChild(document.createTextNode(text)); }
    return made;
  }

  function clear(node) { while (node.firstChild) { node.removeChild(node.firstChild); } }

  function button(text, act, label) {
    var made = el("button", "quiet", text);
    made.type = "button";
    if (label) { made.setAttribute("aria-label", label); }
    made.onclick = act;
    return made;
  }

  function option(value, text) {
    var made = el("option", "", text);
    made.value = value;
    return made;
  }

  function say(text) { clear($("status")); $("status").appendChild(document.createTextNode(text)); }

  // --- asking the server ---------------------------------------------------------------------------------------

  function ask(name, body, then) {
    var request = new XMLHttpRequest();
    request.open("POST", "api/" + name, true);
    request.setRequestHeader("Content-Type", "application/json");
    request.onreadystatechange = function () {
      var told;
      if (request.readyState !== 4) { return; }
      try { told = JSON.parse(request.responseText); } catch (error) { told = null; }
      if (!told) { say(word("gone")); return; }
      if (request.status !== 200) { refused(told.error); return; }
      then(told);
    };
    request.send(JSON.stringify(body));
  }

  function refused(error) {
    say(sentence(error));
    fault(error);
  }

  function sentence(error) { return error.code + "  " + error.why + " — " + error.fix; }

  // --- cells of the plan ---------------------------------------------------------------------------------------

  // `at` is common.FIELD, person.ROLE.tokens.KIND, person.ROLE.identity.NAME or "event N.fields.FIELD".
  function cellsOf(at) {
    var parts = at.split("."), plan = state.plan, person, number;
    if (parts[0] === "common") { return plan.common; }
    if (parts[0] === "person") {
      person = plan.person[parts[1]];
      if (!person) { person = plan.person[parts[1]] = {tokens: {}, identity: {}}; }
      return person[parts[2]];
    }
    number = parseInt(parts[0].replace("event ", ""), 10);
    return plan.event[number - 1].fields;
  }

  function nameOf(at) { return at.split(".").pop(); }

  function assign(slot, column) {
    var cells, cell, before;
    if (slot.at === "key") {
      if (state.plan.key.indexOf(column) < 0) { state.plan.key.push(column); }
    } else {
      cells = cellsOf(slot.at);
      before = cells[nameOf(slot.at)] || slot.cell || {};
      cell = {};
      Object.keys(before).forEach(function (name) { if (name !== "constant") { cell[name] = before[name]; } });
      cell.column = column;
      cells[nameOf(slot.at)] = cell;
    }
    say(word("put", "column", column).split("{field}").join(slot.label));
    changed();
  }

  function fix(slot, value) {
    cellsOf(slot.at)[nameOf(slot.at)] = {constant: value};
    changed();
  }

  function empty(slot, column) {
    if (slot.at === "key") { state.plan.key.splice(state.plan.key.indexOf(column), 1); }
    else { delete cellsOf(slot.at)[nameOf(slot.at)]; }
    changed();
  }

  function used() {
    var found = {}, plan = state.plan;
    function take(cells) {
      Object.keys(cells).forEach(function (name) { if (cells[name].column) { found["=" + cells[name].column] = true; } });
    }
    plan.key.forEach(function (column) { found["=" + column] = true; });
    take(plan.common);
    Object.keys(plan.person).forEach(function (role) { take(plan.person[role].tokens); take(plan.person[role].identity); });
    plan.event.forEach(function (event) { take(event.fields); });
    return found;
  }

  function changed() {
    clean = false;
    unseen();
    draw();
    judgeSoon();
  }

  // --- drawing: columns and places -----------------------------------------------------------------------------

  function columnItem(column, taken) {
    // No button element: old Firefox lets nobody drag one.
    var item = el("li"), chip = el("div", "column" + (taken ? " used" : ""), column.name);
    chip.setAttribute("role", "button");
    chip.tabIndex = 0;
    chip.draggable = true;
    chip.setAttribute("data-column", column.name);
    chip.setAttribute("aria-pressed", picked === column.name ? "true" : "false");
    if (picked === column.name) { chip.className += " picked"; }
    chip.onclick = function () {
      picked = picked === column.name ? null : column.name;
      if (picked !== null) { say(word("picked", "column", picked)); }
      draw();
    };
    chip.onkeydown = function (event) {
      if (event.keyCode === 13 || event.keyCode === 32) { event.preventDefault(); chip.onclick(); }
    };
    chip.ondragstart = function (event) {
      event.dataTransfer.effectAllowed = "copy";
      event.dataTransfer.setData("text", column.name);
    };
    item.appendChild(chip);
    return item;
  }

  function drawColumns() {
    var taken = used();
    clear($("columns"));
    state.columns.forEach(function (column) { $("columns").appendChild(columnItem(column, taken["=" + column.name])); });
  }

  function isColumn(name) { return state.columns.some(function (column) { return column.name === name; }); }

  function drops(box, slot) {
    box.ondragover = function (event) { event.preventDefault(); box.className = box.className.replace(" over", "") + " over"; };
    box.ondragleave = function () { box.className = box.className.replace(" over", ""); };
    box.ondrop = function (event) {
      var column = event.dataTransfer.getData("text");
      event.preventDefault();
      box.className = box.className.replace(" over", "");
      if (isColumn(column)) { assign(slot, column); }
    };
  }

  function chooser(slot) {
    var line = el("div", "line"), select = el("select");
    select.setAttribute("aria-label", word("column_for", "field", slot.label));
    select.setAttribute("data-role", "column");
    select.appendChild(option("", word("none")));
    state.columns.forEach(function (column) { select.appendChild(option(column.name, column.name)); });
    if (picked !== null) { select.value = picked; }
    line.appendChild(select);
    line.appendChild(button(word("use"), function () { if (select.value) { picked = null; assign(slot, select.value); } },
      word("use_for", "field", slot.label)));
    return line;
  }

  function constant(slot) {
    var line = el("div", "line"), input = slot.choices && !slot.many ? el("select") : el("input");
    if (slot.choices && !slot.many) {
      slot.choices.forEach(function (pair) { input.appendChild(option(pair[0], pair[0] + (pair[0] === pair[1] ? "" : "  " + pair[1]))); });
    } else { input.type = "text"; input.size = 14; }
    input.setAttribute("data-role", "constant");
    input.setAttribute("aria-label", word("constant_for", "field", slot.label));
    line.appendChild(input);
    line.appendChild(button(word("constant"), function () {
      var value = input.value;
      if (slot.form === "boolean") { value = value === "true"; }
      if (/^(integer|fen|minute)$/.test(slot.form) && /^-?[0-9]{1,15}$/.test(value)) { value = parseInt(value, 10); }
      if (value !== "") { fix(slot, value); }
    }, word("set_for", "field", slot.label)));
    return line;
  }

  function here(slot, text, column) {
    var line = el("div", "line");
    line.appendChild(el("span", "here", text));
    line.appendChild(button(word("remove"), function () { empty(slot, column); },
      word("remove_from", "field", slot.label)));
    return line;
  }

  function rest(cell) {
    return Object.keys(cell).filter(function (name) { return name !== "column" && name !== "constant" && name !== "codes"; })
      .map(function (name) { return name + " = " + cell[name]; }).join(", ");
  }

  function codes(slot, cell) {
    var line = el("div", "line"), area, own = slot.table;
    if (!cell.codes) {
      line.appendChild(button(word("with_codes"), function () {
        cell.codes = own;
        if (!state.plan.tables[own]) {
          state.plan.tables[own] = slot.choices.map(function (pair) { return [pair[1], pair[0]]; });
        }
        changed();
      }, word("with_codes_for", "field", slot.label)));
      return line;
    }
    line.appendChild(el("div", "", word("codes_how", "file", cell.codes)));
    area = el("textarea", "codes");
    area.rows = 4;
    area.setAttribute("aria-label", word("codes_for", "field", slot.label));
    area.value = (state.plan.tables[cell.codes] || []).map(function (pair) { return pair[0] + " = " + pair[1]; }).join("\n");
    area.onchange = function () {
      state.plan.tables[cell.codes] = area.value.split("\n").filter(function (text) { return /\S/.test(text); })
        .map(function (text) {
          var at = text.lastIndexOf("=");
          return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
        });
      clean = false;
      unseen();
      judgeSoon();
    };
    line.appendChild(area);
    line.appendChild(el("div", "", word("codes_known") + " " + slot.choices.map(function (pair) {
      return pair[0] + (pair[0] === pair[1] ? "" : " (" + pair[1] + ")");
    }).join(", ")));
    return line;
  }

  function slotBox(slot) {
    var box = el("div", "slot"), head = el("div"), cell;
    slot.label = slot.at === "key" ? word("key") : slot.name;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", slot.label + " " + (slot.doc || ""));
    box.setAttribute("data-at", slot.at);
    head.appendChild(el("span", "name", slot.label));
    if (slot.needed) { head.appendChild(el("span", "need", " * " + word("needed"))); }
    head.appendChild(el("span", "doc", slot.sealed ? known(slot.name) + word("sealed") : slot.doc));
    box.appendChild(head);
    if (slot.at === "key") {
      state.plan.key.forEach(function (column) { box.appendChild(here(slot, column, column)); });
    } else {
      cell = (holder(slot.at) || {})[nameOf(slot.at)];
      if (cell) {
        box.appendChild(here(slot, cell.column ? cell.column : word("constant_is") + " " + String(cell.constant)));
        if (rest(cell)) { box.appendChild(el("div", "line", rest(cell))); }
        if (slot.choices && cell.column) { box.appendChild(codes(slot, cell)); }
      }
    }
    box.appendChild(chooser(slot));
    if (!slot.sealed && slot.at !== "key") { box.appendChild(constant(slot)); }
    box.appendChild(el("div", "why"));
    drops(box, slot);
    return box;
  }

  function known(name) { return word("doc_" + name) === "doc_" + name ? "" : word("doc_" + name) + "; "; }

  // As cellsOf, without making a person that is not there.
  function holder(at) {
    var parts = at.split(".");
    return parts[0] === "person" && !state.plan.person[parts[1]] ? null : cellsOf(at);
  }

  function drawSlots() {
    clear($("slots"));
    state.slots.forEach(function (group) {
      var box = el("fieldset"), title = word("group_" + group.of), rare;
      if (group.of === "key") { group.slots = [{at: "key", name: "key", doc: word("key_doc"), needed: true}]; }
      if (group.name) { title += " " + group.name; }
      box.appendChild(el("legend", "", title + (group.doc ? " — " + group.doc : "")));
      if (group.when && group.when.length) { box.appendChild(el("div", "", word("when") + " " + group.when.join(", "))); }
      rare = fold(group);
      group.slots.forEach(function (slot) { (seldom(group, slot) ? rare : box).appendChild(slotBox(slot)); });
      if (rare.childNodes.length > 1) { box.appendChild(rare); }
      $("slots").appendChild(box);
    });
  }

  var unfolded = {};

  // What few sources have, out of the way; a browser that knows no such fold shows it.
  function fold(group) {
    var made = el("details");
    made.open = unfolded[group.at] === true;
    made.ontoggle = function () { unfolded[group.at] = made.open; };
    made.appendChild(el("summary", "", word("more")));
    return made;
  }

  function seldom(group, slot) {
    var usual = group.name === "patient" && /^(resident_id|certificate|name|phone)$/.test(slot.name);
    return group.of === "person" && !usual && !(holder(slot.at) || {})[slot.name];
  }

  function draw() {
    var focused = place(document.activeElement);
    drawColumns();
    drawSlots();
    paint();
    refocus(focused);
  }

  // Where the keyboard was: drawing anew must not throw anybody back to the top of the page.
  function place(node) {
    var box = node, all;
    if (!node || !node.getAttribute) { return null; }
    if (node.getAttribute("data-column") !== null) { return {column: node.getAttribute("data-column")}; }
    while (box && box.getAttribute && box.getAttribute("data-at") === null) { box = box.parentNode; }
    if (!box || !box.getAttribute) { return null; }
    all = box.querySelectorAll("button, select, input, textarea");
    return {at: box.getAttribute("data-at"), label: node.getAttribute("aria-label"), number: Array.prototype.indexOf.call(all, node)};
  }

  function refocus(was) {
    var found = null, all;
    if (!was) { return; }
    if (was.column !== undefined) {
      found = Array.prototype.filter.call($("columns").querySelectorAll(".column"), function (one) {
        return one.getAttribute("data-column") === was.column;
      })[0];
    } else {
      all = boxOf(was.at) ? Array.prototype.slice.call(boxOf(was.at).querySelectorAll("button, select, input, textarea")) : [];
      found = all.filter(function (one) { return one.getAttribute("aria-label") === was.label; })[0] || all[0];
    }
    if (found) { found.focus(); }
  }

  function boxOf(at) {
    return Array.prototype.filter.call($("slots").querySelectorAll(".slot"), function (box) {
      return box.getAttribute("data-at") === at;
    })[0];
  }

  function fill(select, pairs, chosen) {
    clear(select);
    pairs.forEach(function (pair) { select.appendChild(option(pair[0], pair[1])); });
    if (chosen !== null && chosen !== undefined) { select.value = String(chosen); }
  }

  function take(told) {
    Object.keys(told).forEach(function (name) { state[name] = told[name]; });
    clear($("connector"));
    $("connector").appendChild(document.createTextNode(state.connector));
    $("choose-source").style.display = state.tables.length ? "" : "none";
    $("one-source").style.display = state.tables.length ? "none" : "";
    fill($("table"), state.tables.map(function (name, at) { return [String(at), name]; }), state.chosen);
    fill($("type"), state.types.map(function (one) { return [one.type, one.type + "  " + one.doc]; }),
      state.plan.event.length ? state.plan.event[state.plan.event.length - 1].type : null);
    $("draft").style.display = state.fresh ? "" : "none";
    ["step-type", "step-fields", "step-rows", "step-save"].forEach(function (id) {
      $(id).style.display = state.columns.length ? "" : "none";
    });
    draw();
    if (state.columns.length) { judge(false); }
  }

  // --- judging -------------------------------------------------------------------------------------------------

  var judged = {error: null, rows: [], counts: {}};

  function judgeSoon() {
    if (timer) { window.clearTimeout(timer); }
    timer = window.setTimeout(function () { judge(false); }, 250);
  }

  function judge(again) {
    var number = asking = asking + 1;
    timer = null;
    document.body.setAttribute("data-judged", "no");
    ask("judge", {plan: state.plan, again: again}, function (told) {
      if (number !== asking) { return; }
      judged = told;
      paint();
      document.body.setAttribute("data-judged", "yes");
    });
  }

  function fault(error) {
    clear($("fault"));
    if (error) { $("fault").appendChild(el("div", "error", sentence(error))); }
  }

  function paint() {
    var reasons = {};
    fault(judged.error);
    Array.prototype.forEach.call($("slots").querySelectorAll(".slot"), function (box) {
      box.className = "slot";
      clear(box.querySelector(".why"));
    });
    if (judged.error) { judged.error.at.forEach(function (at) { mark(at, sentence(judged.error)); }); }
    judged.rows.forEach(function (row) {
      if (row.verdict !== "refused") { return; }
      row.at.forEach(function (at) {
        var key = at + " " + row.why.code;
        reasons[key] = reasons[key] || {at: at, why: row.why, count: 0};
        reasons[key].count += 1;
      });
    });
    Object.keys(reasons).forEach(function (key) {
      mark(reasons[key].at, word("refused_here", "count", reasons[key].count) + "  " + sentence(reasons[key].why));
    });
    clear($("counts"));
    $("counts").appendChild(document.createTextNode(["published", "not_selected", "refused"].map(function (name) {
      return word("ending_" + name) + " " + (judged.counts[name] || 0);
    }).join("    ")));
    clear($("rows"));
    judged.rows.forEach(function (row) { $("rows").appendChild(rowBox(row)); });
  }

  function mark(at, text) {
    var box = boxOf(at);
    if (!box) { return; }
    box.className = "slot bad";
    box.querySelector(".why").appendChild(el("div", "", text));
  }

  function table(title, pairs) {
    var pair = el("div", "pair"), made = el("table");
    pair.appendChild(el("b", "", title));
    pairs.forEach(function (one) {
      var line = el("tr");
      line.appendChild(el("th", "", one[0]));
      line.appendChild(el("td", "", one[1]));
      made.appendChild(line);
    });
    pair.appendChild(made);
    return pair;
  }

  function rowBox(row) {
    var box = el("div", "row " + row.verdict), why = typeof row.why === "string" ? row.why : sentence(row.why);
    box.appendChild(el("div", "", row.alias + ":" + row.row + "  " + (row.verdict ? word("ending_" + row.verdict) : "") + "  " + why));
    box.appendChild(table(word("before"), row.cells));
    row.events.forEach(function (event) { box.appendChild(table(event[0], event[1])); });
    return box;
  }

  // --- saving --------------------------------------------------------------------------------------------------

  function unseen() {
    seen = null;
    $("save").disabled = true;
    clear($("lines"));
    clear($("saved"));
  }

  function changes() {
    var plan = JSON.stringify(state.plan);
    ask("changes", {plan: state.plan}, function (told) {
      if (plan !== JSON.stringify(state.plan)) { return; }
      clear($("lines"));
      $("lines").appendChild(document.createTextNode(told.lines.length ? told.lines.join("\n") : word("no_change")));
      seen = told.seen;
      $("save").disabled = !(told.lines.length || state.fresh);
      say(word("shown"));
    });
  }

  function save() {
    ask("save", {plan: state.plan, seen: seen}, function (told) {
      clean = true;
      unseen();
      say(word("saved") + " " + told.files.join(", "));
      $("saved").appendChild(el("p", "", word("saved") + " " + told.files.join(", ")));
      told.next.forEach(function (line) { $("saved").appendChild(el("pre", "", line)); });
      take(told);
    });
  }

  // --- beginning -----------------------------------------------------------------------------------------------

  function begin(told) {
    words = told.words;
    document.documentElement.lang = told.lang;
    Array.prototype.forEach.call(document.querySelectorAll("[data-word]"), function (node) {
      node.appendChild(document.createTextNode(word(node.getAttribute("data-word"))));
    });
    $("open").onclick = function () { ask("open", {table: parseInt($("table").value, 10)}, function (got) { unseen(); take(got); }); };
    $("draft").onclick = function () { ask("draft", {type: $("type").value}, function (got) { unseen(); take(got); }); };
    $("add").onclick = function () { ask("add", {type: $("type").value, plan: state.plan}, function (got) { unseen(); clean = false; take(got); }); };
    $("again").onclick = function () { judge(true); };
    $("changes").onclick = changes;
    $("save").onclick = save;
    window.onbeforeunload = function () { return clean ? undefined : word("unsaved"); };
    ask("state", {}, function (got) { state = {}; take(got); });
  }

  ask("words", {}, begin);
}());
