// Codes on paper: by the camera, from a picture, or typed. A code that holds a status is checked; an address is only shown.

/** A larger picture is made smaller before it is searched: no code on paper has more to see. */
const PICTURE_SIDE = 2_048, PICTURE_BYTES = 64_000_000, LOOK_EVERY_MS = 150;
const isPicture = (file) => /^image\//.test(file.type);

/** Find a code in what can be drawn; gives its text, or null. */
const codeIn = async (drawn, width, height) => {
  const scale = Math.min(1, PICTURE_SIDE / Math.max(width, height));
  const canvas = el("canvas"), across = (canvas.width = Math.max(1, Math.round(width * scale))), down = (canvas.height = Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, across, down);
  context.drawImage(drawn, 0, 0, across, down);
  const found = await byBrowser(canvas);
  if (found !== null) return found;
  try { return decodeQR(context.getImageData(0, 0, across, down)); } catch { return null; } // it throws where there is none
};
/** Ask the browser's own reader, where it has one. */
const byBrowser = async (canvas) => {
  if (typeof BarcodeDetector === "undefined") return null;
  try {
    const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(canvas);
    return found ? found.rawValue : null;
  } catch { return null; } // it is there and has no reader behind it
};

const takePicture = async (file) => {
  const mine = ++turn;
  stopBeside();
  clearReport();
  if (file.size > PICTURE_BYTES) return tellCode("page.code-none-seen");
  say(t("page.reading"));
  let picture;
  try { picture = await createImageBitmap(file); } catch { return mine === turn ? tellCode("page.code-no-picture") : undefined; }
  try {
    const text = await codeIn(picture, picture.width, picture.height);
    if (mine !== turn) return undefined; // something else was chosen meanwhile
    return text === null ? tellCode("page.code-none-seen") : takeCode(text);
  } finally { picture.close(); }
};

/** Take what a code says: a status is checked, an address is told, anything else is shown as what it is. */
const takeCode = (text) => {
  if (Hanse.isCode(text)) return takeFiles([{ code: text, name: "", size: text.length }]);
  const address = addressIn(text);
  return address ? tellCode("page.code-address", { host: address.host }, text) : tellCode("page.code-other", {}, text);
};
const addressIn = (text) => {
  try {
    const address = new URL(text.trim());
    return /^https?:$/.test(address.protocol) ? address : null;
  } catch { return null; }
};
/** Say of a code what it holds, in place of a report: no verdict of another file stands beside it, or comes later. */
const tellCode = (id, values = {}, text = null) => {
  turn++;
  stopBeside();
  clearReport();
  Object.assign(chosen, { files: [], codeSaid: { id, values, text } });
  say("");
  writeCode();
  byId("code-said").focus();
};
const writeCode = () => {
  const told = chosen.codeSaid, place = byId("code-said");
  place.hidden = told === null;
  if (told === null) return;
  place.replaceChildren(
    el("p", {}, ownSentence(told.id, told.values)),
    ...(told.text === null ? [] : [el("p", {}, el("bdi", { class: "id", dir: "ltr" }, Hanse.oneLine(told.text.slice(0, 2_000))), " ", copyButton(told.text, t("page.copy-code")))]));
};

const writeReading = () => byId("codes").replaceChildren(
  el("summary", {}, t("page.codes")),
  el("p", {}, t("page.codes-lead")),
  el("div", { class: "actions" },
    button("camera", t("page.camera"), openCamera),
    fileButton("choose-picture", t("page.choose-picture"), ([file]) => takePicture(file), { plain: true, accept: "image/*" })),
  el("label", { for: "typed" }, t("page.typed")),
  el("div", { class: "actions" },
    el("input", { id: "typed", type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr", on: { keydown: (event) => { if (event.key === "Enter") takeTyped(); } } }),
    button("take-typed", t("page.check-typed"), takeTyped)));
const takeTyped = () => { const text = byId("typed").value.trim(); return text ? takeCode(text) : undefined; };

let camera = null;
const openCamera = async () => {
  closeCamera();
  let stream;
  try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1_920 } } }); } catch { return tellCode("page.no-camera"); }
  const video = el("video", { muted: true, playsinline: true, autoplay: true, "aria-label": t("page.camera-sees") });
  const here = (camera = { stream });
  const stop = button("stop-camera", t("page.stop-camera"), closeCamera), place = byId("camera-place");
  place.replaceChildren(video, stop);
  place.hidden = false;
  stop.focus();
  say(t("page.camera-looking"));
  video.srcObject = stream;
  await video.play();
  while (camera === here) {
    const text = video.videoWidth ? await codeIn(video, video.videoWidth, video.videoHeight) : null;
    if (camera !== here) return undefined; // it was stopped meanwhile
    if (text !== null) { closeCamera(); return takeCode(text); }
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });
  }
  return undefined;
};
const closeCamera = () => {
  if (camera === null) return;
  for (const track of camera.stream.getTracks()) track.stop();
  camera = null;
  byId("camera-place").replaceChildren();
  byId("camera-place").hidden = true;
  byId("camera")?.focus();
  say("");
};
