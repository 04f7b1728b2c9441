using System.Buffers.Text;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// Reads a tiktoken vocabulary: lines of a token in base64, a space and its rank, which is its id. The file names neither its pattern nor
/// its special tokens; they follow from the model (Llama-3, Qwen) or from the number of tokens.
/// </summary>
internal static class TiktokenFile
{
    private const int Llama3Count = 128_000,
        QwenCount = 151_643,
        Cl100kCount = 100_256,
        Gpt2Count = 50_256;

    /// <summary>How many reserved and named special tokens follow Llama-3's vocabulary.</summary>
    private const int Llama3SpecialCount = 256;

    /// <summary>True if a file begins like a tiktoken vocabulary.</summary>
    public static bool Recognizes(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[256];
        ReadOnlySpan<byte> text = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        var end = text.IndexOf((byte)'\n');
        return end > 0 && TryParse(text[..end].TrimEnd((byte)'\r'), out _, out _);
    }

    /// <summary>Loads a vocabulary.</summary>
    /// <exception cref="ModelFormatException">It is damaged, or nothing says which pattern belongs to it.</exception>
    public static TextTokenizer Load(string path, TokenizerConfiguration configuration)
    {
        var content = File.ReadAllBytes(path);
        var tokens = Read(path, content);
        TokenVocabulary vocabulary = new();
        var symbolOfByte = new int[256];
        Array.Fill(symbolOfByte, -1);
        foreach ((var id, var bytes) in tokens)
        {
            vocabulary.Add(ByteAlphabet.Write(bytes), id);
            if (bytes.Length == 1)
                symbolOfByte[bytes[0]] = id;
        }
        if (symbolOfByte.AsSpan().Contains(-1))
            throw new ModelFormatException(path, "not every byte has a token; the vocabulary is damaged.");
        (var splitter, var normalizer, var added, var addBos) = Model(path, tokens.Count, configuration);
        var ownCount = vocabulary.Size;
        foreach (var token in added)
        {
            vocabulary.Add(token.Content, token.Id);
            if (token.IsSpecial)
                vocabulary.MarkSpecial(token.Id);
        }
        TextTokenizer.CheckModelSize(path, ownCount, configuration);
        SpecialTokens special = new(configuration, vocabulary);
        var bos = special.Id("bos_token", vocabulary.Id("<|begin_of_text|>") ?? -1);
        var eos = special.Id("eos_token", vocabulary.Id("<|end_of_text|>") ?? vocabulary.Id("<|endoftext|>") ?? -1);
        TokenizerParts parts = new()
        {
            Vocabulary = vocabulary,
            Template = special.Template(bos, eos, addBos, addEosByDefault: false),
            Content = [content],
            Rules = $"{splitter.Name} {normalizer is not null} {TokenizerParts.Describe(added)}",
            BosId = bos,
            EosId = eos,
            PadId = special.Id("pad_token", -1),
            UnkId = special.Id("unk_token", -1),
            MaskId = special.Id("mask_token", -1),
        };
        ByteTrie whole = new(tokens.Select(token => (token.Value, token.Key)));
        BpeModel model = new(symbolOfByte, MergeRules.FromRanks(tokens), unkId: -1, fuseUnknown: false, whole);
        return new PipelineTextTokenizer(parts, model, new PreTokenizer { Steps = [splitter], ByteLevel = true }, normalizer, added);
    }

    private static Dictionary<int, byte[]> Read(string path, byte[] content)
    {
        Dictionary<int, byte[]> tokens = [];
        ReadOnlySpan<byte> rest = content;
        for (var line = 1; rest.Length > 0; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            var text = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (text.IsEmpty)
                continue;
            if (
                !TryParse(text, out var token, out var rank)
                || rank >= TokenVocabulary.MaximumSize
                || token.Length > TokenVocabulary.MaximumTokenLength
            )
            {
                throw new ModelFormatException(path, $"line {line} is not a token in base64, a space and a rank.");
            }
            if (!tokens.TryAdd(rank, token))
                throw new ModelFormatException(path, $"line {line} has the rank {rank}, which another token has.");
        }
        return tokens.Count > 0 ? tokens : throw new ModelFormatException(path, "the vocabulary is empty.");
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out byte[] token, out int rank)
    {
        token = [];
        rank = 0;
        var space = line.IndexOf((byte)' ');
        if (space <= 0 || !Utf8Parser.TryParse(line[(space + 1)..], out rank, out var used) || used != line.Length - space - 1 || rank < 0)
            return false;
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(space)];
        if (Base64.DecodeFromUtf8(line[..space], buffer, out _, out var length) != System.Buffers.OperationStatus.Done || length == 0)
            return false;
        token = buffer[..length];
        return true;
    }

    private static (WordSplitter Splitter, TextNormalizer? Normalizer, List<AddedToken> Added, bool AddBos) Model(
        string path,
        int count,
        TokenizerConfiguration configuration
    )
    {
        List<AddedToken> added =
        [
            .. configuration.AddedTokens.Select(token => new AddedToken(
                token.Key,
                token.Value.Id,
                SingleWord: false,
                StripLeft: false,
                StripRight: false,
                Normalized: false,
                token.Value.IsSpecial
            )),
        ];
        List<AddedToken> Special(IEnumerable<string> names) =>
            added.Count > 0
                ? added
                :
                [
                    .. names.Select(
                        (name, i) =>
                            new AddedToken(
                                name,
                                count + i,
                                SingleWord: false,
                                StripLeft: false,
                                StripRight: false,
                                Normalized: false,
                                IsSpecial: true
                            )
                    ),
                ];
        switch (count)
        {
            case Llama3Count:
                return (WordSplitter.Llama3, null, Special(Llama3Special()), AddBos: true);
            case QwenCount:
                return (
                    WordSplitter.Qwen2,
                    new UnicodeTextNormalizer(UnicodeForm.Nfc),
                    Special(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
                    AddBos: false
                );
            case Cl100kCount:
                // Id 100256 is a hole in that vocabulary.
                return (
                    WordSplitter.Llama3,
                    null,
                    added.Count > 0 ? added : [new AddedToken("<|endoftext|>", 100_257, false, false, false, false, true)],
                    AddBos: false
                );
            case Gpt2Count:
                return (WordSplitter.Gpt2, null, Special(["<|endoftext|>"]), AddBos: false);
        }
        return configuration.ModelType switch
        {
            "llama" => (WordSplitter.Llama3, null, Special([]), AddBos: true),
            "qwen" or "qwen2" or "qwen3" => (WordSplitter.Qwen2, new UnicodeTextNormalizer(UnicodeForm.Nfc), Special([]), AddBos: false),
            "gpt2" => (WordSplitter.Gpt2, null, Special([]), AddBos: false),
            _ => throw new ModelFormatException(
                path,
                $"a tiktoken vocabulary of {count} tokens is not known, and config.json's model_type ('{configuration.ModelType}') does not tell which pattern belongs to it; "
                    + "use the model's tokenizer.json."
            ),
        };
    }

    /// <summary>Llama-3's special tokens in order of their ids, with the names of its first release.</summary>
    private static IEnumerable<string> Llama3Special()
    {
        string[] named =
        [
            "<|begin_of_text|>",
            "<|end_of_text|>",
            "<|reserved_special_token_0|>",
            "<|reserved_special_token_1|>",
            "<|reserved_special_token_2|>",
            "<|reserved_special_token_3|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|reserved_special_token_4|>",
            "<|eot_id|>",
        ];
        return named.Concat(Enumerable.Range(5, Llama3SpecialCount - named.Length).Select(i => $"<|reserved_special_token_{i}|>"));
    }
}
