namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>Vocabularies made for these tests, and folders to load them from.</summary>
internal static class TokenizerFixtures
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Fixtures");

    /// <summary>The lines of a text file that ends with a newline; a line may hold anything but that.</summary>
    public static string[] Lines(string path)
    {
        var lines = File.ReadAllText(path).Split('\n');
        return lines[..^1];
    }

    /// <summary>The ids of each line, as `spm_encode --output_format=id` prints them.</summary>
    public static int[][] Ids(string path) =>
        [.. Lines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())];

    /// <summary>A tokenizer from one vocabulary file and further files, in a temporary folder of its own.</summary>
    public static TextTokenizer Load(string vocabularyFile, params (string Name, string Content)[] files)
    {
        var name = Path.GetExtension(vocabularyFile) == ".model" ? "tokenizer.model" : Path.GetFileName(vocabularyFile);
        return LoadFolder([
            (name, File.ReadAllBytes(vocabularyFile)),
            .. files.Select(file => (file.Name, System.Text.Encoding.UTF8.GetBytes(file.Content))),
        ]);
    }

    /// <summary>A tokenizer from files with the given contents.</summary>
    public static TextTokenizer LoadFolder(params (string Name, byte[] Content)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer");
        try
        {
            foreach ((var name, var content) in files)
                File.WriteAllBytes(Path.Combine(folder.FullName, name), content);
            return TextTokenizer.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A text of the kinds that break tokenizers; the same for the same random numbers.</summary>
    public static string NastyText(Random random, int maximumLength = 60)
    {
        string[] pools =
        [
            "abcdefghij   ",
            "The quick brown fox isn't 12,345.67 years old; it's John's! ",
            "äöüßéèñ ﬁﬂ ½²³ ①Ａ",
            "日本語テキスト漢字 ",
            "😀👩‍👩‍👧🇩🇪👍🏽 ",
            "\t\n\r \u00a0\u2003\u3000\u200b \u2581",
            "0123456789 .,;:!?'\"-_()[]{}<>/\\|@#$%^&*~`+=",
            "עברית العربية हिन्दी ไทย ",
            "\u0301\u0308a\u0301e\u0308ﷺ",
            "𝐀𝒷𐍈𠮷 ",
            "\u0001\u0002\u007f\u0085\u2028\ufeff\ufffd",
            "'s't're've'm'll'd'S'LL ſK",
        ];
        System.Text.StringBuilder text = new();
        var length = random.Next(maximumLength);
        var pool = pools[random.Next(pools.Length)];
        var mixed = random.Next(2) == 0;
        while (text.Length < length)
        {
            System.Text.Rune[] runes = [.. (mixed ? pools[random.Next(pools.Length)] : pool).EnumerateRunes()];
            text.Append(runes[random.Next(runes.Length)].ToString());
        }
        return text.ToString();
    }
}
