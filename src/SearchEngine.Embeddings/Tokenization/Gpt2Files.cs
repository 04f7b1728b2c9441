using System.Text;
using System.Text.Json;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>Reads GPT-2's pair of files: the vocabulary (encoder.json or vocab.json) and the merges (vocab.bpe or merges.txt).</summary>
internal static class Gpt2Files
{
    /// <summary>The pair in a folder, or null.</summary>
    public static (string Vocabulary, string Merges)? Find(string folder)
    {
        foreach (
            (var vocabulary, var merges) in (ReadOnlySpan<(string, string)>)[("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")]
        )
        {
            var pair = (Path.Combine(folder, vocabulary), Path.Combine(folder, merges));
            if (File.Exists(pair.Item1) && File.Exists(pair.Item2))
                return pair;
        }
        return null;
    }

    /// <summary>Loads the pair.</summary>
    /// <exception cref="ModelFormatException">A file is damaged, or they do not belong together.</exception>
    public static TextTokenizer Load(string vocabularyPath, string mergesPath, TokenizerConfiguration configuration)
    {
        var vocabularyContent = File.ReadAllBytes(vocabularyPath);
        var mergesContent = File.ReadAllBytes(mergesPath);
        ForeignFile.Refuse(vocabularyPath, vocabularyContent);
        ForeignFile.Refuse(mergesPath, mergesContent);
        TokenVocabulary vocabulary = new();
        try
        {
            using var document = JsonDocument.Parse(JsonFile.WithoutMark(vocabularyContent));
            foreach (var token in document.RootElement.EnumerateObject())
                vocabulary.Add(token.Name, token.Value.GetInt32());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new ModelFormatException(vocabularyPath, $"this is not a vocabulary of tokens and ids: {e.Message}", e);
        }
        var ownCount = vocabulary.Size;
        List<AddedToken> added = [];
        foreach ((var text, var token) in configuration.AddedTokens)
        {
            vocabulary.Add(text, token.Id);
            if (token.IsSpecial)
                vocabulary.MarkSpecial(token.Id);
            added.Add(
                new AddedToken(text, token.Id, SingleWord: false, StripLeft: false, StripRight: false, Normalized: false, token.IsSpecial)
            );
        }
        if (added.Count == 0 && vocabulary.Id("<|endoftext|>") is int end)
        {
            added.Add(
                new AddedToken(
                    "<|endoftext|>",
                    end,
                    SingleWord: false,
                    StripLeft: false,
                    StripRight: false,
                    Normalized: false,
                    IsSpecial: true
                )
            );
            vocabulary.MarkSpecial(end);
        }
        TextTokenizer.CheckModelSize(vocabularyPath, ownCount, configuration);
        var qwen =
            configuration.TokenizerClass?.StartsWith("Qwen2", StringComparison.Ordinal) == true
            || configuration.ModelType is "qwen2" or "qwen3";
        var rules = MergeRules.FromPairs(mergesPath, ReadMerges(mergesPath, mergesContent), vocabulary);
        int[] symbolOfByte =
        [
            .. Enumerable
                .Range(0, 256)
                .Select(b =>
                    vocabulary.Id(ByteAlphabet.Char((byte)b).ToString())
                    ?? throw new ModelFormatException(vocabularyPath, $"the vocabulary has no token for the byte {b}.")
                ),
        ];
        SpecialTokens special = new(configuration, vocabulary);
        var endOfText = vocabulary.Id("<|endoftext|>") ?? -1;
        var bos = special.Id("bos_token", qwen ? -1 : endOfText);
        var eos = special.Id("eos_token", endOfText);
        TokenizerParts parts = new()
        {
            Vocabulary = vocabulary,
            Template = special.Template(bos, eos, addBosByDefault: false, addEosByDefault: false),
            Content = [vocabularyContent, mergesContent],
            Rules = $"{(qwen ? "qwen2" : "gpt2")} {configuration.AddPrefixSpace == true} {TokenizerParts.Describe(added)}",
            BosId = bos,
            EosId = eos,
            PadId = special.Id("pad_token", -1),
            UnkId = special.Id("unk_token", -1),
            MaskId = special.Id("mask_token", -1),
        };
        PreTokenizer preTokenizer = new()
        {
            Steps = [qwen ? WordSplitter.Qwen2 : WordSplitter.Gpt2],
            ByteLevel = true,
            Scheme = configuration.AddPrefixSpace == true ? PrefixScheme.Always : PrefixScheme.Never,
        };
        return new PipelineTextTokenizer(
            parts,
            new BpeModel(symbolOfByte, rules, unkId: -1, fuseUnknown: false, wholeWords: null),
            preTokenizer,
            qwen ? new UnicodeTextNormalizer(UnicodeForm.Nfc) : null,
            added
        );
    }

    private static IEnumerable<(string, string)> ReadMerges(string path, byte[] content)
    {
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            number++;
            var text = line.TrimEnd('\r');
            if (text.Length == 0 || (number == 1 && text.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            var pair = text.Split(' ');
            if (pair.Length != 2 || pair[0].Length == 0 || pair[1].Length == 0)
                throw new ModelFormatException(path, $"line {number} ('{text}') is not a pair of tokens.");
            yield return (pair[0], pair[1]);
        }
    }
}
