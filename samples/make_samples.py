#!/usr/bin/env python3
"""Makes the sample corpus: python3 samples/make_samples.py DATA_DIR

DATA_DIR holds wikipedia.jsonl.xz ({"title", "text"}, paragraphs by newline) and cpp-docs.jsonl.xz ({"title", "text"}, Markdown).
Writes samples/wikipedia/*.md and samples/cpp/*.md; the same input gives the same files.
"""
import json
import lzma
import pathlib
import re
import sys

LENGTH = 2500

ARTICLES = """
Abacus | Acoustics | Acupuncture | Ada Lovelace | Aikido | Alan Turing | Albedo | Albert Einstein | Alchemy | Algae |
Alphabet | Aluminium | Amazon rainforest | Amber | Amphibian | Anarchism | Anatomy | Anesthesia | Animation | Ant |
Apollo 11 | Aristotle | Asperger syndrome | Asteroid | Asthma | Atom | Aurora | Autism | Aztec | Badminton | Bagpipes
| Ballet | Bamboo | Banana | Barcode | Baroque | Baseball | Basketball | Beaver | Bee | Beer | Berlin Wall | Bicycle |
Big Bang | Bird | Black Death | Black hole | Blood | Blue whale | Botany | Braille | Brain | Bread | Bridge |
Bronze Age | Butterfly | Calculus | Camel | Camera | Capitalism | Cartography | Catapult | Cave | Chemistry | Chess |
Chocolate | Cholera | Christopher Columbus | Clock | Cloud | Cocoa bean | Comet | Compass | Constellation |
Continental drift | Crocodile | Cyclone | DNA | Daylight saving time | Democracy | Dinosaur | Dolphin | Dragon | Dream
| Drought | Dyslexia | Eagle | Earth | Earthquake | Eclipse | Ecology | Economics | Electricity | Electron | Elephant
| Encyclopedia | Enzyme | Epilepsy | Esperanto | Espresso | Evolution | Fashion | Feudalism | Fjord | Flamenco | Flood
| Folklore | Fossil | French Revolution | Galaxy | Genetics | Geology | Geyser | Giraffe | Glacier | Glass | Gold |
Gorilla | Gothic architecture | Graffiti | Gravity | Greenhouse effect | Guitar | Gunpowder | Gymnastics | Haiku |
Halley's Comet | Heart | Hemoglobin | Herbivore | Hinduism | Hippopotamus | Honey | Hot air balloon | Hydrogen |
Hypnosis | Ice hockey | Iceland | Immune system | Impressionism | Inca Empire | Industrial Revolution | Inflation |
Insomnia | Insulin | Internet | Irrigation | Isaac Newton | Jaguar | Jazz | Jellyfish | Joan of Arc | Juggling |
Jupiter | Kangaroo | Koala | Labyrinth | Laser | Leather | Leonardo da Vinci | Library | Lighthouse | Lion | Llama |
Longitude | Ludwig van Beethoven | Magna Carta | Magnetism | Mahatma Gandhi | Malaria | Mammoth | Marathon |
Marie Curie | Mathematics | Measles | Mercury (planet) | Metabolism | Microscope | Microwave oven | Migraine | Monsoon
| Moon | Mosquito | Mount Everest | Mummy | Mushroom | Music | Mythology | Nanotechnology | Natural selection | Nebula
| Neuron | Nile | Nuclear fusion | Nutrition | Obesity | Octopus | Oil painting | Olympic Games | Opera | Optics |
Orchestra | Origami | Ostrich | Oxygen | Panama Canal | Parachute | Pasta | Pendulum | Penguin | Penicillin |
Periodic table | Phonetics | Photography | Photosynthesis | Piano | Piracy | Pizza | Planet | Plankton |
Plate tectonics | Pluto | Poetry | Printing press | Psychology | Pyramid | Pythagoras | Quantum mechanics | Radar |
Reggae | Roman Empire | Rugby football | Salamander | Samurai | Satellite | Saturn | Sculpture | Scurvy | Shark |
Sign language | Silk Road | Skiing | Sleep | Snow | Solar System | Spice | Steam engine | Stonehenge | Submarine |
Suez Canal | Sumo | Sun | Supernova | Sushi | Tattoo | Tea | Telephone | Thermodynamics | Tide | Tobacco | Tornado |
Transistor | Tsunami | Tuberculosis | Turtle | Typewriter | Tyrannosaurus | Universe | Vaccine | Vampire |
Vegetarianism | Vikings | Vincent van Gogh | Vitamin C | Volcano | Waltz | Weather | Whale | Wheel |
William Shakespeare | Windmill | Wine | Wolfgang Amadeus Mozart | World Wide Web | X-ray | Yoga | Zebra | Zoology
"""

CPP_DOCS = """
<chrono> | <random> | <regex> | AddressSanitizer | Asynchronous Agents Library |
Auto-Parallelization and Auto-Vectorization | CRT debug heap details | Checked Iterators |
Configure and build with CMake Presets | Ellipsis and variadic templates | Examples of Lambda Expressions |
Exceptions and stack unwinding in C++ | How to: Design for exception safety | Inline Functions (C++) |
Lambda Expression Syntax | Multithreading with C and Win32 | Namespaces (C++) | Operator Overloading |
Optimization best practices | Overview of modules in C++ | Parallel Algorithms | Parallel Patterns Library (PPL) |
Precompiled Header Files | Range-based for Statement (C++) | References (C++) | Rvalue reference declarator: && |
Smart pointers (Modern C++) | Task Parallelism (Concurrency Runtime) | Template Specialization (C++) | Templates (C++)
| Thread Local Storage (TLS) | Thread Safety in the C++ Standard Library | Unicode Support in the Compiler and Linker
| Virtual Functions | Walkthrough: Debugging a Project (C++) | atomic Structure | constexpr (C++) | future Class |
thread Class | vector class
"""


def split(block):
    return {re.sub(r"\s+", " ", title).strip() for title in block.split("|")}


def file_name(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + ".md"


def cut(text, length):
    """The text up to the last sentence that ends before length."""
    if len(text) <= length:
        return text
    ends = [m.end() for m in re.finditer(r"[.!?][\"\u201d)]*(?=\s)", text[: length + 1])]
    return text[: ends[-1]] if ends else text[: text.rfind(" ", 0, length)]


def is_heading(paragraph):
    return len(paragraph) < 60 and paragraph.endswith(".") and len(paragraph.split()) <= 6 and paragraph[0].isupper()


def article(title, text):
    """Markdown of a plain article: its section headings are short lines that end in a full stop."""
    text = re.sub(r" ?\( ?[,;]? ?\)", "", text)
    lines = [f"# {title}"]
    room = LENGTH
    for paragraph in (p.strip() for p in text.split("\n")):
        if not paragraph:
            continue
        if is_heading(paragraph):
            lines.append("## " + paragraph[:-1])
            continue
        piece = cut(paragraph, room)
        if len(piece) < min(len(paragraph), 150):
            break
        lines.append(piece)
        room -= len(piece)
        if len(piece) < len(paragraph) or room < 150:
            break
    while lines[-1].startswith("## "):
        lines.pop()
    return "\n\n".join(lines) + "\n"


def cpp_doc(title, text):
    """The text stops at LENGTH characters already: drop what the cut left of the last block."""
    blocks = text.split("\n\n")
    if len(text) >= LENGTH - 10 and len(blocks) > 1:
        blocks.pop()
    text = "\n\n".join(blocks).strip()
    if text.count("```") % 2:
        text = text[: text.rfind("```")].rstrip()
    text = re.sub(r"\n+#+ [^\n]*$", "", text)
    return f"# {title}\n\n{text}\n"


def write(source, folder, titles, render):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    missing = set(titles)
    with lzma.open(source, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if row["title"] in missing:
                missing.remove(row["title"])
                (folder / file_name(row["title"])).write_text(render(row["title"], row["text"]), encoding="utf-8")
    if missing:
        sys.exit(f"not in {source}: {', '.join(sorted(missing))}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    data = pathlib.Path(sys.argv[1])
    here = pathlib.Path(__file__).parent
    write(data / "wikipedia.jsonl.xz", here / "wikipedia", split(ARTICLES), article)
    write(data / "cpp-docs.jsonl.xz", here / "cpp", split(CPP_DOCS), cpp_doc)


if __name__ == "__main__":
    main()
