// What WCAG 2.2 asks of a page at level AA and a program can measure: contrast of texts (1.4.3) and of controls' edges (1.4.11), targets of
// at least 24 pixels (2.5.8), no scrolling in two directions (1.4.10). Gives a list of sentences, empty where nothing is wrong.
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const parse = (text) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = ([r, g, b]) => {
    const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      layers.unshift(color);
      if (color[3] === 1) break;
    }
    return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && box.width > 1 && box.height > 1 && box.right > 0;
  };
  const nameOf = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}.${element.className} “${(element.textContent || element.value || "").trim().slice(0, 30)}”`;
  const dialog = document.querySelector("dialog[open]");
  const root = dialog ?? document.body;
  const problems = [];
  const requireContrast = (element, color, least, what) => {
    const ground = groundOf(element);
    const ratio = contrast(over(parse(color), ground), ground);
    if (ratio < least) problems.push(`${what} of ${nameOf(element)} has contrast ${ratio.toFixed(2)}, not ${least}.`);
  };
  let texts = 0;
  for (const element of root.querySelectorAll("*")) {
    if (!isShown(element)) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const isField = ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName) && !["radio", "checkbox", "range", "file"].includes(element.type);
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (isText || isField) {
      texts++;
      if (!element.closest(":disabled, [aria-disabled=true]")) requireContrast(element, style.color, least, "The text");
    }
    if (isField && element.placeholder) requireContrast(element, getComputedStyle(element, "::placeholder").color, least, "The placeholder");
    if (isField) {
      const outside = groundOf(element.parentElement);
      const ratio = contrast(over(parse(style.borderTopColor), outside), outside);
      if (ratio < 3) problems.push(`The edge of ${nameOf(element)} has contrast ${ratio.toFixed(2)}, not 3.`);
    }
    if (element.matches("button, select, input:not([type=radio], [type=file]), summary, [role=tab]")) {
      // A label around a control is a part of its target.
      const boxes = [element, element.closest("label") ?? element].map((e) => e.getBoundingClientRect());
      const box = boxes[0];
      if (!boxes.some((b) => b.width >= 24 && b.height >= 24)) problems.push(`${nameOf(element)} is ${box.width.toFixed(0)} × ${box.height.toFixed(0)} pixels, not 24 × 24.`);
    }
  }
  if (texts < (dialog ? 2 : 5)) problems.push(`Only ${texts} texts were looked at.`);
  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) problems.push(`The page is ${width} pixels wide in a window of ${window.innerWidth}.`);
  return problems;
}
