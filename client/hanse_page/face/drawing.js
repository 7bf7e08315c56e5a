// Who did what, when: as a list, and as a drawing with a lane for each object.

const provenance = (report) => {
  if (!report.acts.length) return [];
  const list = inParts(el("ol"), report.acts, (act) => el("li", {},
    el("strong", {}, kindWords(act.kind)), " — ", moment(act.time), el("br"),
    t("page.signed-by"), " ", act.said.flatMap((signer, at) => [at ? ", " : "", el("bdi", {}, inWords(signer))]), el("br"),
    idWithCopy(act.id)));
  // What is wider than the page is moved by the arrow keys, so it takes the focus.
  const frame = el("div", { class: "drawing", tabindex: "0", role: "group", "aria-label": t("page.drawing-frame") }, drawing(report));
  return section(t("page.provenance"), list, frame);
};

const ROW = 44, LANE = 26, TOP = 18, HUES = 6, SHORT = 24;
const drawing = (report) => {
  const lanes = report.subjects.map((each) => each.id), used = lanes.length || 1;
  const width = used * LANE + 480, height = TOP * 2 + report.acts.length * ROW;
  const x = (lane) => TOP + lane * LANE, y = (at) => TOP + at * ROW + ROW / 2, hue = (lane) => `lane hue${lane % HUES}`;
  const places = new Map(lanes.map((id) => [id, []]));
  report.acts.forEach((act, at) => { for (const id of act.objects) places.get(id)?.push(at); });
  const lines = lanes.flatMap((id, lane) => {
    const of = places.get(id);
    return of.length ? [el("svg:line", { class: hue(lane), x1: x(lane), x2: x(lane), y1: y(of[0]), y2: y(of.at(-1)) })] : [];
  });
  const numbers = new Map(lanes.map((id, lane) => [id, lane]));
  const row = (act, at) => {
    const parts = [], touched = act.objects.flatMap((id) => numbers.get(id) ?? []).sort((one, other) => one - other);
    if (touched.length > 1) parts.push(el("svg:line", { class: "across", x1: x(touched[0]), x2: x(touched.at(-1)), y1: y(at), y2: y(at) }));
    for (const lane of touched.length ? touched : [0]) parts.push(el("svg:circle", { class: touched.length ? hue(lane) : "lane", cx: x(lane), cy: y(at), r: 7 }));
    const label = x(used - 1) + LANE, names = act.said.map((signer) => shortName(inWords(signer))).join(", ");
    parts.push(el("svg:text", { x: label, y: y(at) - 3, "font-weight": "600" }, `${at + 1}. ${kindWords(act.kind)}`));
    parts.push(el("svg:text", { x: label, y: y(at) + 13 }, `${moment(act.time)} · ${names}`));
    return parts;
  };
  return inParts(el("svg:svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", direction: "ltr", "aria-label": t("page.drawing", { count: report.acts.length }) }, lines), report.acts, row);
};
const shortName = (name) => (name.length > SHORT ? `${name.slice(0, SHORT - 1)}…` : name);
