namespace SearchEngine.Cli.Tests;

/// <summary>A small folder with a file of each kind that the tests search in. The texts are the tests' own.</summary>
internal static class SampleDocuments
{
    public static void WriteTo(TemporaryFolder folder)
    {
        folder.Write("docs/bread.md", """
            # Baking bread

            A loaf needs flour, water, salt and time.

            ## Sourdough starter

            Mix flour and water and feed the culture every day until it bubbles.

            ## Oven

            Preheat a cast iron pot so that steam opens the crust.
            """);
        folder.Write("docs/rivers.txt", """
            Rivers carry sediment from the mountains to the sea.

            A delta grows where the current slows and the sand settles.
            """);
        folder.Write("docs/bicycle.html", """
            <!doctype html><html><head><title>Bicycle maintenance</title><style>p { color: red }</style></head>
            <body><nav>home</nav><h1>Bicycle maintenance</h1><h2>Chain</h2><p>Clean and oil the chain after riding in the rain.</p>
            <h2>Brakes</h2><p>Replace worn brake pads before they touch the rim.</p></body></html>
            """);
        folder.Write("docs/notes.jsonl", """
            {"id": "volcano", "title": "Volcanoes", "text": "Molten rock rises through vents and cools to basalt."}
            {"id": "lighthouse", "title": "Lighthouses", "text": "A rotating lens throws a beam that ships see at night."}
            """);
    }
}
