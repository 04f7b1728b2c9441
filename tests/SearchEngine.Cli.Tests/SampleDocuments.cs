namespace SearchEngine.Cli.Tests;

/// <summary>A small folder with a file of each kind that the tests search in. The texts are the tests' own.</summary>
internal static class SampleDocuments
{
    public static void WriteTo(TemporaryFolder folder)
    {
        folder.Write(
            "docs/bread.md",
            """
            # Baking bread

            A loaf needs flour, water, salt and time. Weigh everything, since a cup of flour may hold very different amounts. Strong flour
            takes more water than weak flour, and whole grain takes more than white. Salt slows the yeast and tightens the dough, so it
            goes in after the flour has taken up the water. Let the dough rest before it is shaped, and do not hurry it on a cold day.

            ## Sourdough starter

            Mix flour and water and feed the culture every day until it bubbles. Keep it in a warm place at first, and throw half of it
            away before each meal so that it does not outgrow its jar. After a week it should double within four hours, smell pleasantly
            sour and float when a spoonful is dropped into water. From then on it lives in the fridge and eats once a week.

            ## Oven

            Preheat a cast iron pot so that steam opens the crust. The lid holds the moisture of the loaf itself, which keeps its surface
            soft while it still grows. Take the lid off after twenty minutes, when the loaf has its shape, and let it brown for as long
            again. It is done when a knock on its bottom sounds hollow. Cool it on a rack before you cut it, however hard that is.
            """
        );
        folder.Write(
            "docs/rivers.txt",
            """
            Rivers carry sediment from the mountains to the sea.

            A delta grows where the current slows and the sand settles.
            """
        );
        folder.Write(
            "docs/bicycle.html",
            """
            <!doctype html><html><head><title>Bicycle maintenance</title><style>p { color: red }</style></head>
            <body><nav>home</nav><h1>Bicycle maintenance</h1><h2>Chain</h2><p>Clean and oil the chain after riding in the rain.</p>
            <h2>Brakes</h2><p>Replace worn brake pads before they touch the rim.</p></body></html>
            """
        );
        folder.Write(
            "docs/notes.jsonl",
            """
            {"id": "volcano", "title": "Volcanoes", "text": "Molten rock rises through vents and cools to basalt."}
            {"id": "lighthouse", "title": "Lighthouses", "text": "A rotating lens throws a beam that ships see at night."}
            """
        );
    }
}
