"""Draws every picture of the demo issue: plain shapes as SVG, made into PNG by Chromium, then given
a small palette by Pillow so that none is heavier than 60 kB.

    python -m tests.demo_pictures mailer/demo/pictures      needs playwright, Pillow and Chromium
"""

import io
import random
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

DEEP, TEAL, SKY, PALE = "#0B4A61", "#0F5E7A", "#8FC3D1", "#D8EBEF"
CREAM, SAND, AMBER, BRICK, RUST = "#FBF3E4", "#F1DDBB", "#E7A03C", "#C4694A", "#9A4630"
PLUM, ROSE, LEAF, MOSS, INK = "#8A2B62", "#D98BA9", "#7FA05A", "#4F7135", "#15211F"
SKINS = ("#8D5A3C", "#F0C8A4", "#C68A5E", "#5F3B28", "#E3B08A")
CLOTHES = (TEAL, AMBER, PLUM, MOSS, BRICK, "#F6E7C8", DEEP)
HAIR = ("#2A1C17", "#5A3A26", "#1E1A1A", "#B9B4AC", "#8A4B22")


def rect(x, y, w, h, fill, r=0, more=""):
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r}" fill="{fill}" {more}/>'


def disc(x, y, r, fill, more=""):
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}" {more}/>'


def path(d, fill, more=""):
    return f'<path d="{d}" fill="{fill}" {more}/>'


def person(x, base, h, n=0, hair=True, arms=""):
    """Someone standing at ``base``: head, hair and a coat; ``n`` chooses the colours."""
    skin, coat, dark = SKINS[n % 5], CLOTHES[(n * 3 + 1) % 7], HAIR[(n * 2) % 5]
    r, w = h * 0.135, h * 0.40
    top = base - h + 2 * r
    body = (
        f"M{x - w / 2:g},{base:g} V{top + w * 0.62:g} Q{x - w / 2:g},{top + 4:g} {x:g},{top + 4:g} "
        f"Q{x + w / 2:g},{top + 4:g} {x + w / 2:g},{top + w * 0.62:g} V{base:g} Z"
    )
    cap = f"M{x - r:g},{top - r:g} A{r:g},{r:g} 0 0 1 {x + r:g},{top - r:g} Q{x:g},{top - r * 1.5:g} {x - r:g},{top - r:g}Z"
    bun = disc(x + r * 0.75, top - r * 1.75, r * 0.42, dark) if n % 3 == 0 else ""
    return (
        path(body, coat)
        + rect(x - r * 0.4, top - r * 0.5, r * 0.8, r * 0.9, skin, 6)
        + disc(x, top - r, r, skin)
        + (bun + path(cap, dark) if hair else "")
        + arms
    )


def window(x, y, w, h, lit=True):
    glass = "#FBD98C" if lit else "#5D8EA0"
    return (
        rect(x, y, w, h, glass, 3)
        + rect(x + w / 2 - 1.5, y, 3, h, CREAM)
        + rect(x, y + h / 2 - 1.5, w, 3, CREAM)
        + rect(x - 4, y + h, w + 8, 7, CREAM)
    )


def terrace(x, base, w, h, wall, roof, n):
    """One house of a terrace: roof, chimney, door and three windows."""
    eaves, ridge = base - h, base - h - w * 0.34
    return "".join((
        rect(x + w * 0.70, ridge - 16, w * 0.14, w * 0.34, RUST, 2),
        rect(x + w * 0.69, ridge - 22, w * 0.16, 9, "#7A3524", 2),
        path(f"M{x - 6:g},{eaves:g} L{x + w * 0.16:g},{ridge:g} H{x + w * 0.84:g} L{x + w + 6:g},{eaves:g}Z", roof),
        rect(x, eaves, w, h, wall),
        window(x + w * 0.14, eaves + h * 0.14, w * 0.26, h * 0.24, n % 3 != 1),
        window(x + w * 0.60, eaves + h * 0.14, w * 0.26, h * 0.24, n % 2 == 0),
        window(x + w * 0.56, eaves + h * 0.56, w * 0.30, h * 0.25, n % 4 != 2),
        rect(x + w * 0.15, base - h * 0.46, w * 0.25, h * 0.46, CLOTHES[(n * 2) % 7], 4),
        path(f"M{x + w * 0.12:g},{base - h * 0.46:g} h{w * 0.31:g} v-8 h-{w * 0.31:g}Z", CREAM),
        disc(x + w * 0.35, base - h * 0.22, 4, AMBER),
    ))


def tree(x, base, h, fill=MOSS, light=LEAF):
    return (
        rect(x - 6, base - h * 0.5, 12, h * 0.5, "#6B4A33", 4)
        + disc(x, base - h * 0.66, h * 0.30, fill)
        + disc(x + h * 0.10, base - h * 0.74, h * 0.20, light)
    )


def header():
    """Roofs at first light; the sky is the masthead's own colour, so that the two are one scene."""
    chance = random.Random(5)
    art = [rect(0, 0, 1200, 340, DEEP), disc(905, 168, 164, "#11536A"), disc(905, 168, 126, "#1D6279"), disc(905, 168, 92, "#4C8792"), disc(905, 168, 62, "#F2B65A")]
    for i, x in enumerate(range(-60, 1260, 96)):
        top = 190 + chance.randint(-28, 26)
        art.append(path(f"M{x},340 V{top} l56,-40 l56,40 V340Z", "#1C5C72"))
        art.append(rect(x + 74, top - 46, 14, 40, "#1C5C72"))
    art.append(path("M470,340 V150 h44 v-40 l30,-56 l30,56 v40 h44 V340Z", "#164F64"))
    art.append(disc(544, 142, 17, "#FBE3AE"))
    art.append(path("M544,142 v-11 M544,142 h8", "none", 'stroke="#0B4A61" stroke-width="3"'))
    for i, x in enumerate(range(-30, 1230, 118)):
        top = 242 + chance.randint(-16, 20)
        art.append(path(f"M{x},340 V{top} l66,-44 l66,44 V340Z", "#083A4D"))
        art.append(rect(x + 90, top - 50, 17, 44, "#083A4D"))
        for k in range(3):
            if chance.random() > 0.30:
                art.append(rect(x + 26 + k * 30, top + 24, 17, 24, "#F6CB72" if chance.random() > 0.35 else "#C98F3B", 2))
        if chance.random() > 0.5:
            art.append(rect(x + 26, top + 66, 17, 24, "#F6CB72", 2))
    for x in (80, 330, 716, 1090):
        art.append(disc(x, 300, 40, "#0A4256") + rect(x - 4, 300, 8, 44, "#0A4256"))
    art.append(rect(0, 326, 1200, 14, "#062E3D"))
    return art


def street():
    """A terrace being made warm, and the people who decided it."""
    art = [rect(0, -125, 1200, 800, "#F6E3BE"), disc(955, 110, 165, "#F9D795"), disc(955, 110, 108, "#F3B552")]
    art.append(path("M120,40 q40,-46 84,-10 q40,-30 66,10Z M560,-20 q36,-40 76,-8 q34,-26 60,8Z", "#FBF0DA"))
    art.append(path("M0,360 Q260,250 520,340 T1200,300 V675 H0Z", "#CBD9B0"))
    art.append(path("M0,420 Q330,330 700,410 T1200,370 V675 H0Z", "#AEC490"))
    walls = ((BRICK, DEEP), (SAND, RUST), ("#8FB7BF", DEEP), ("#D9805C", "#28404A"), ("#EAD3AC", RUST), (BRICK, DEEP))
    for n, (wall, roof) in enumerate(walls):
        art.append(terrace(-40 + n * 214, 560, 206, 262, wall, roof, n))
    # solar panels on two roofs, a scaffold, insulation going on one wall
    for x in (24, 452):
        art.append(path(f"M{x},272 l18,-50 h92 l-4,50Z", "#12394A") + path(f"M{x + 36},272 l14,-50 M{x + 70},272 l8,-50 M{x + 9},247 h98", "none", 'stroke="#7FB4C4" stroke-width="3"'))
    art.append(path("M618,560 V250 M828,560 V250 M604,330 H842 M604,446 H842", "none", 'stroke="#5A6965" stroke-width="8" stroke-linecap="round"'))
    art.append(rect(604, 322, 238, 12, "#C79A5B") + rect(604, 440, 238, 12, "#C79A5B"))
    art.append(rect(0, 560, 1200, 115, "#D8CDB8") + rect(0, 560, 1200, 16, "#EFE6D4") + rect(0, 640, 1200, 35, "#8C9A97"))
    art.append(person(690, 322, 112, 3) + person(770, 440, 108, 1))
    for x, h, n in ((150, 190, 0), (222, 176, 4), (300, 132, 2), (520, 186, 5), (930, 196, 7), (1004, 180, 6), (1076, 140, 8)):
        art.append(person(x, 640, h, n))
    art.append(path("M560,640 v-92 h84 v92Z", "#F7EBD3") + path("M560,548 h84 v14 h-84Z", TEAL) + path("M574,584 h56 M574,602 h56 M574,620 h36", "none", f'stroke="{INK}" stroke-width="5"'))
    art.append(tree(408, 640, 190) + tree(1150, 640, 240))
    return art


def market():
    """Stalls of a food co-operative in a library's yard."""
    art = [rect(0, 0, 1200, 900, "#DCEBE8")]
    art.append(path("M80,560 V210 H1120 V560Z", "#E9D2B0") + path("M60,210 H1140 L1080,140 H120Z", RUST))
    for x in range(140, 1080, 156):
        art.append(path(f"M{x},540 V330 a52,52 0 0 1 104,0 V540Z", "#5D8EA0") + path(f"M{x + 52},540 V280 M{x},400 h104", "none", f'stroke="{CREAM}" stroke-width="6"'))
    art.append(rect(0, 540, 1200, 360, "#EADCC3"))
    for k, (x, one, two) in enumerate(((30, TEAL, CREAM), (425, BRICK, CREAM), (820, MOSS, CREAM))):
        w = 350
        art.append(rect(x + 18, 430, 12, 300, "#6B4A33") + rect(x + w - 30, 430, 12, 300, "#6B4A33"))
        art.append(person(x + 120, 680, 178, k * 2 + 1) + person(x + 238, 680, 170, k * 2 + 4))
        for i in range(7):
            a = x + i * w / 7
            art.append(path(f"M{a:g},360 h{w / 7:g} l0,84 a{w / 14:g},26 0 0 1 -{w / 7:g},0Z", one if i % 2 == 0 else two))
        art.append(rect(x, 350, w, 18, DEEP, 6))
        art.append(rect(x, 640, w, 122, "#B98A53", 8) + rect(x, 640, w, 16, "#D3A76D", 8))
        for i in range(6):
            colour = (LEAF, AMBER, "#D2543F", PLUM, "#E8C453", MOSS)[(i + k * 2) % 6]
            for j in range(3):
                art.append(disc(x + 34 + i * 56 + j * 15, 632 - (j % 2) * 15, 17, colour))
    for x, h, n in ((210, 250, 9), (300, 190, 5), (600, 262, 11), (905, 252, 12), (1000, 262, 3)):
        art.append(person(x, 880, h, n))
    art.append(path("M655,880 l12,-100 h76 l12,100Z", "#C79A5B") + path("M680,782 q26,-58 50,0", "none", 'stroke="#8A5F2E" stroke-width="8"') + disc(690, 776, 20, LEAF) + disc(722, 770, 22, AMBER))
    return art


def hall():
    """People round a table in a hall, seen from its far end."""
    art = [rect(0, 0, 1200, 900, "#F3E2C3"), rect(0, 0, 1200, 560, "#E6C9A0")]
    for x in (90, 350, 690, 950):
        art.append(path(f"M{x},470 V210 a80,80 0 0 1 160,0 V470Z", "#FBEFD5") + path(f"M{x + 12},470 V212 a68,68 0 0 1 136,0 V470Z", "#9CC6CF") + path(f"M{x + 80},470 V146 M{x},320 h160", "none", f'stroke="{CREAM}" stroke-width="8"'))
    for k in range(13):
        a = 30 + k * 95
        art.append(path(f"M{a},30 h62 l-31,74Z", (PLUM, AMBER, TEAL, BRICK, MOSS)[k % 5]))
    art.append(path("M0,30 H1200", "none", f'stroke="{INK}" stroke-width="5"'))
    art.append(rect(0, 560, 1200, 340, "#C99A67") + path("M0,640 H1200 M0,730 H1200 M0,830 H1200", "none", 'stroke="#B98552" stroke-width="5"'))
    for i, x in enumerate((250, 370, 490, 610, 730, 850, 965)):
        art.append(person(x, 640, 236 + (i % 3) * 14, i))
    art.append(path("M120,640 Q600,560 1080,640 L1150,790 Q600,880 50,790Z", "#7B4A2C") + path("M132,632 Q600,556 1068,632 L1132,762 Q600,846 68,762Z", "#A56A3F"))
    for x, y, c in ((330, 680, CREAM), (470, 730, PALE), (640, 668, CREAM), (790, 724, PALE), (920, 676, CREAM)):
        art.append(path(f"M{x},{y} l78,-6 l14,44 l-84,8Z", c))
    for x, y in ((270, 740), (590, 752), (860, 768), (720, 660)):
        art.append(disc(x, y, 22, CREAM) + disc(x, y, 15, "#7A4A2A"))
    for x, n in ((170, 8), (420, 10), (800, 13), (1040, 6)):
        art.append(person(x, 930, 280, n))
    return art


def tools():
    """A tool library: shelves, a bench, two people mending a chair."""
    art = [rect(0, 0, 1200, 900, "#CFE3E2"), rect(0, 690, 1200, 210, "#D9B98A")]
    art.append(rect(70, 90, 660, 400, "#EBD7B5", 10))
    for y in (210, 340, 470):
        art.append(rect(70, y, 660, 16, "#A87545"))
    chance = random.Random(9)
    for y in (210, 340, 470):
        x = 96
        while x < 680:
            w, h = chance.randint(26, 66), chance.randint(40, 96)
            art.append(rect(x, y - h, w, h, chance.choice((TEAL, BRICK, AMBER, PLUM, MOSS, DEEP, "#F6E7C8")), 5))
            x += w + chance.randint(6, 26)
    art.append(rect(800, 110, 320, 290, TEAL, 10))
    for i, x in enumerate((850, 920, 990, 1060)):
        art.append(rect(x - 7, 150, 14, 190, "#E5C08A", 6) + (rect(x - 34, 146, 68, 34, "#D7DEDC", 5) if i % 2 == 0 else disc(x, 168, 30, "#D7DEDC") + disc(x, 156, 15, TEAL)))
    art.append(person(420, 650, 300, 4) + person(760, 650, 312, 15))
    art.append(rect(210, 640, 800, 36, "#8A5A34", 6) + rect(260, 676, 36, 190, "#6B4427") + rect(920, 676, 36, 190, "#6B4427"))
    art.append(path("M545,640 v-64 h110 v64 M545,576 V440 M655,576 V440 M545,470 h110 M545,510 h110", "none", f'stroke="{RUST}" stroke-width="20" stroke-linecap="round" stroke-linejoin="round"'))
    art.append(rect(320, 600, 70, 40, AMBER, 6) + path("M860,640 l70,-60", "none", f'stroke="{DEEP}" stroke-width="16" stroke-linecap="round"'))
    art.append(person(120, 890, 250, 7) + person(1100, 890, 236, 2))
    return art


def wood():
    """Planting day on a hill above a river."""
    art = [rect(0, 0, 1200, 600, "#E4EFEC"), disc(220, 150, 112, "#F7E3B4"), disc(220, 150, 72, "#F2B65A")]
    art.append(path("M0,310 Q220,190 470,280 T880,240 T1200,290 V600 H0Z", "#A9C7B0"))
    art.append(path("M0,380 Q300,270 640,360 T1200,330 V600 H0Z", "#8DB07F"))
    art.append(path("M1200,392 Q900,372 760,430 T300,478 T0,470 V520 Q240,540 480,510 T900,470 T1200,452Z", SKY))
    art.append(path("M0,500 Q360,440 700,520 T1200,490 V600 H0Z", MOSS))
    for x, base, h in ((60, 330, 120), (130, 318, 150), (820, 300, 130), (900, 292, 170), (985, 300, 140), (1120, 318, 160), (470, 338, 110)):
        art.append(tree(x, base, h))
    for x, h, n in ((250, 190, 1), (420, 176, 5), (690, 196, 9), (1010, 184, 12)):
        art.append(person(x, 580, h, n))
    for x in (335, 560, 600, 800, 880, 1110, 140):
        art.append(path(f"M{x},582 V500", "none", 'stroke="#6B4A33" stroke-width="7" stroke-linecap="round"') + disc(x, 500, 24, LEAF) + disc(x + 8, 490, 14, "#A9C47F"))
    art.append(path("M745,580 L772,470 M762,470 h22", "none", f'stroke="{RUST}" stroke-width="9" stroke-linecap="round"'))
    return art


def portrait(ground, n, extra=""):
    skin, coat, dark = SKINS[n % 5], CLOTHES[(n * 3 + 1) % 7], HAIR[(n * 2) % 5]
    return [
        rect(0, 0, 240, 240, ground),
        path("M28,240 V214 Q34,158 120,154 Q206,158 212,214 V240Z", coat),
        rect(98, 120, 44, 54, skin, 20),
        extra.replace("HAIR", dark) if extra else "",
        disc(120, 94, 52, skin),
        path("M66,98 Q62,36 120,36 Q178,36 174,98 Q160,66 128,62 Q92,66 66,98Z", dark),
        path("M98,154 L120,184 L142,154Z", CREAM),
    ]


def signature():
    line = "M14,66 C34,18 48,8 54,14 C62,24 30,76 36,80 C44,82 60,42 66,44 C70,48 58,72 66,72 C78,70 84,40 92,44 C98,50 84,74 94,72 C106,66 108,48 116,46 M130,30 C126,52 122,66 128,72 C136,76 146,60 152,54 M150,20 L146,22 M176,14 C170,40 166,62 164,78 M206,20 C190,38 178,46 168,48 C184,54 198,66 214,74 C224,78 232,56 238,52 C244,50 232,72 242,72 C252,68 256,52 264,50 C270,54 256,72 268,70 C280,62 282,50 292,48 C288,62 286,70 298,68 M20,90 C120,82 220,84 318,88"
    return [path(line, "none", 'stroke="INKED" stroke-width="4.5" stroke-linecap="round" stroke-linejoin="round"')]


def mark(colour, accent, hole):
    """The network's sign: houses in a ring under one roof line, each leaning on the next."""
    art = []
    for k in range(6):
        art.append(f'<g transform="rotate({k * 60} 60 60)">' + path("M44,36 V20 L60,6 L76,20 V36 Q60,29 44,36Z", accent if k in (1, 4) else colour) + "</g>")
    art.append(disc(60, 60, 13, accent) if hole else "")
    return "".join(art)


def logo(words, colour, accent):
    return [
        mark(colour, accent, True),
        f'<text x="138" y="54" font-family="Liberation Sans,Arial" font-weight="700" font-size="38" fill="{words}">Co-op Councils</text>',
        f'<text x="138" y="98" font-family="Liberation Sans,Arial" font-size="38" fill="{words}">Network</text>',
    ]


def member(ground, kind):
    if kind == 0:
        return [rect(0, 0, 120, 120, ground), path("M18,84 Q40,64 60,84 T102,84 V98 Q80,82 60,98 T18,98Z", SKY), path("M34,66 L60,30 L86,66Z", CREAM)]
    if kind == 1:
        return [rect(0, 0, 120, 120, ground), disc(60, 48, 22, AMBER), path("M14,98 Q60,38 106,98Z", CREAM)]
    return [rect(0, 0, 120, 120, ground), path("M60,22 L92,48 V96 H28 V48Z", CREAM), path("M50,96 V70 a10,10 0 0 1 20,0 V96Z", ground)]


def icon(kind):
    line = 'stroke="#FFFFFF" stroke-width="4.5" fill="none" stroke-linecap="round" stroke-linejoin="round"'
    shapes = {
        "people": '<circle cx="18" cy="18" r="5" {0}/><circle cx="31" cy="20" r="4" {0}/><path d="M9,35 q1,-10 9,-10 t9,10 M29,27 q8,0 9,8" {0}/>',
        "talk": '<path d="M11,13 h26 v17 h-14 l-7,7 v-7 h-5Z" {0}/>',
        "film": '<path d="M17,13 L36,24 L17,35Z" {0}/>',
        "feed": '<path d="M13,35 h.1 M13,24 q11,0 11,11 M13,14 q21,0 21,21" {0}/>',
    }
    return [disc(24, 24, 24, "#2F7F9B"), shapes[kind].format(line)]


PICTURES = {
    "header": (1200, 340, header, 96),
    "street": (1200, 800, street, 120, -125),
    "market": (1200, 800, market, 120, 92),
    "hall": (1200, 800, hall, 120),
    "tools": (1200, 800, tools, 120, 70),
    "wood": (1200, 600, wood, 120),
    "chair": (240, 240, lambda: portrait("#F1DDBB", 5, path("M64,92 Q54,170 78,176 H162 Q186,170 176,92Z", "HAIR")), 48),
    "speaker": (240, 240, lambda: portrait("#D8EBEF", 2), 48),
    "signature": (330, 96, lambda: [s.replace("INKED", "#2F7F9B") for s in signature()], 0),
    "logo-on-dark": (440, 120, lambda: logo("#FFFFFF", "#FFFFFF", "#F2B65A"), 0),
    "logo-on-light": (440, 120, lambda: logo("#0B4A61", "#0F5E7A", "#C4694A"), 0),
    "member-wyeham": (120, 120, lambda: member(TEAL, 0), 24),
    "member-larkby": (120, 120, lambda: member(PLUM, 1), 24),

    **{f"icon-{k}": (48, 48, (lambda k=k: icon(k)), 0) for k in ("people", "talk", "film", "feed")},
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for name, (w, h, art, colours, *top) in PICTURES.items():
            svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 {top[0] if top else 0} {w} {h}">{"".join(art())}</svg>'
            page.set_viewport_size({"width": w, "height": h})
            page.set_content(f'<body style="margin:0;background:transparent">{svg}')
            shot = page.locator("svg").screenshot(omit_background=True)
            image = Image.open(io.BytesIO(shot))
            if colours:
                image = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
            else:
                image = image.convert("RGBA").quantize(64, method=Image.Quantize.FASTOCTREE)
            image.save(folder / f"{name}.png", optimize=True)
            size = (folder / f"{name}.png").stat().st_size
            print(f"{name:16} {w}x{h} {size / 1000:6.1f} kB")
            assert size <= 60_000, name
        browser.close()


if __name__ == "__main__":
    main()
