using System.Text;
using System.Text.Json;
using SearchEngine.Embeddings.Tokenization;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// Reads a tokenizer.json (the format of the Hugging Face tokenizers library) with a BPE or unigram model. Everything in it that would
/// change the
/// ids is either honoured or refused by name.
/// </summary>
internal sealed partial class TokenizerJson
{
    private readonly string _path;
    private readonly TokenizerConfiguration _configuration;
    private readonly TokenVocabulary _vocabulary = new();
    private readonly List<AddedToken> _addedTokens = [];

    /// <summary>Rules that other files than this one decide, for the fingerprint.</summary>
    private string _rules = "";

    private TokenizerJson(string path, TokenizerConfiguration configuration)
    {
        _path = path;
        _configuration = configuration;
    }

    /// <summary>Loads the file.</summary>
    /// <exception cref="ModelFormatException">It is damaged or asks for something unsupported.</exception>
    public static TextTokenizer Load(string path, TokenizerConfiguration configuration)
    {
        var content = File.ReadAllBytes(path);
        ForeignFile.Refuse(path, content);
        try
        {
            using var document = JsonDocument.Parse(JsonFile.WithoutMark(content), new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(path, "the file is not a JSON object.");
            return new TokenizerJson(path, configuration).Read(document.RootElement, content);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"the file is not valid JSON: {e.Message}", e);
        }
        catch (Exception e)
            when (e
                    is InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or InvalidDataException
                        or IndexOutOfRangeException
                        or ArgumentException
            )
        {
            throw new ModelFormatException(
                path,
                $"the file is not a tokenizer of the Hugging Face format, or it is damaged: {e.Message}",
                e
            );
        }
    }

    /// <summary>True if the file holds a unigram model, which a SentencePiece file beside it describes completely.</summary>
    public static bool IsUnigram(string path)
    {
        var root = TokenizerConfiguration.ReadObject(path);
        return root?.TryGetProperty("model", out var model) == true
            && model.ValueKind == JsonValueKind.Object
            && model.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            && type.GetString() == "Unigram";
    }

    private PipelineTextTokenizer Read(JsonElement root, byte[] content)
    {
        if (!root.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.Object)
            throw Fault("there is no 'model' in the file.");
        var kind = ReadVocabulary(model);
        var ownCount = _vocabulary.Size;
        ReadAddedTokens(root);
        var normalizer = Part(root, "normalizer") is JsonElement n ? ReadNormalizer(n) : null;
        var preTokenizer = ReadPreTokenizer(Part(root, "pre_tokenizer"));
        var template = Part(root, "post_processor") is JsonElement p ? ReadPostProcessor(p) : new TokenTemplate([], []);
        int unkId;
        WordModel words = kind switch
        {
            "Unigram" => ReadUnigram(model, preTokenizer, out unkId),
            "WordPiece" => ReadWordPiece(model, preTokenizer, out unkId),
            _ => ReadBpe(model, preTokenizer, out unkId),
        };

        SpecialTokens special = new(_configuration, _vocabulary);
        var bos = special.Id("bos_token", template.Before is [int before] ? before : -1);
        var eos = special.Id("eos_token", template.After is [int after] ? after : -1);
        TokenizerParts parts = new()
        {
            Vocabulary = _vocabulary,
            Template = Override(template, bos, eos),
            Content = [content],
            Rules = preTokenizer.Scheme + _rules,
            BosId = bos,
            EosId = eos,
            PadId = special.Id("pad_token", -1),
            UnkId = special.Id("unk_token", unkId),
            MaskId = special.Id("mask_token", -1),
        };
        TextTokenizer.CheckModelSize(_path, ownCount, _configuration);
        return new PipelineTextTokenizer(parts, words, preTokenizer, normalizer, _addedTokens);
    }

    /// <summary>Reads the model's own tokens; returns its kind.</summary>
    private string ReadVocabulary(JsonElement model)
    {
        var type = model.TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString()! : "BPE";
        if (type == "Unigram")
        {
            ReadPieces(model);
            return type;
        }
        if (type is not ("BPE" or "WordPiece"))
            throw Fault($"the tokenizer model '{type}' is not supported, only BPE, Unigram and WordPiece.");
        if (!model.TryGetProperty("vocab", out var vocabulary) || vocabulary.ValueKind != JsonValueKind.Object)
            throw Fault("the model has no 'vocab'.");
        foreach (var token in vocabulary.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out var id))
                throw Fault($"token '{token.Name}' of the vocabulary has something other than an id.");
            _vocabulary.Add(token.Name, id);
        }
        if (_vocabulary.Size == 0)
            throw Fault("the vocabulary is empty.");
        return type;
    }

    private void ReadAddedTokens(JsonElement root)
    {
        if (Part(root, "added_tokens") is not JsonElement tokens)
            return;
        foreach (var token in tokens.EnumerateArray())
        {
            var text = token.GetProperty("content").GetString() ?? "";
            var id = token.GetProperty("id").GetInt32();
            if (text.Length == 0)
                throw Fault($"the added token {id} has no content.");
            AddedToken added = new(
                text,
                id,
                Flag(token, "single_word"),
                Flag(token, "lstrip"),
                Flag(token, "rstrip"),
                Flag(token, "normalized"),
                Flag(token, "special")
            );
            _vocabulary.Add(text, id);
            if (added.IsSpecial)
                _vocabulary.MarkSpecial(id);
            _addedTokens.Add(added);
        }
    }

    private WordPieceModel ReadWordPiece(JsonElement model, PreTokenizer preTokenizer, out int unkId)
    {
        if (preTokenizer.ByteLevel)
            throw Fault("a 'ByteLevel' pre-tokenizer with a WordPiece model is not supported.");
        var unk = Part(model, "unk_token")?.GetString() ?? "[UNK]";
        unkId = _vocabulary.Id(unk) ?? throw Fault($"the unknown token '{unk}' is not in the vocabulary.");
        return new WordPieceModel(
            [.. model.GetProperty("vocab").EnumerateObject().Select(token => (token.Name, token.Value.GetInt32()))],
            Part(model, "continuing_subword_prefix")?.GetString() ?? "##",
            unkId,
            Part(model, "max_input_chars_per_word")?.GetInt32() ?? WordPieceFile.LongestWord
        );
    }

    private BpeModel ReadBpe(JsonElement model, PreTokenizer preTokenizer, out int unkId)
    {
        if (Part(model, "dropout") is JsonElement dropout && dropout.GetDouble() != 0)
            throw Fault("the model has BPE dropout, which makes ids random; set 'dropout' to null.");
        foreach (var name in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Part(model, name) is JsonElement affix && affix.GetString() is { Length: > 0 } value)
                throw Fault($"the model's '{name}' ('{value}') is not supported.");
        }
        unkId = -1;
        if (Part(model, "unk_token") is JsonElement unk)
            unkId = _vocabulary.Id(unk.GetString()!) ?? throw Fault($"the unknown token '{unk.GetString()}' is not in the vocabulary.");
        var fuse = Flag(model, "fuse_unk");
        var rules = MergeRules.FromPairs(_path, Merges(model), _vocabulary);
        var byteLevel = preTokenizer.ByteLevel;
        var whole = Flag(model, "ignore_merges") ? WholeWords(byteLevel) : null;
        if (byteLevel)
        {
            int[] symbolOfByte = [.. Enumerable.Range(0, 256).Select(b => _vocabulary.Id(ByteAlphabet.Char((byte)b).ToString()) ?? -1)];
            return new BpeModel(symbolOfByte, rules, unkId, fuse, whole);
        }
        Dictionary<int, int> symbolOfRune = [];
        var splitsAtMark = !rules.Any(rule => JoinsBeforeMark(_vocabulary.Text(rule.Left)!, _vocabulary.Text(rule.Right)!));
        for (var id = 0; id < _vocabulary.Size; id++)
        {
            if (
                _vocabulary.Text(id) is string text
                && Rune.DecodeFromUtf16(text, out var rune, out var length) == System.Buffers.OperationStatus.Done
                && length == text.Length
            )
            {
                symbolOfRune.TryAdd(rune.Value, id);
            }
        }
        return new BpeModel(symbolOfRune, rules, ByteFallback(model), unkId, fuse, whole, splitsAtMark && symbolOfRune.ContainsKey('▁'));
    }

    /// <summary>The tokens of all bytes, or null if the model has no byte fallback.</summary>
    private int[]? ByteFallback(JsonElement model) =>
        !Flag(model, "byte_fallback")
            ? null
            :
            [
                .. Enumerable
                    .Range(0, 256)
                    .Select(b =>
                        _vocabulary.Id($"<0x{b:X2}>") ?? throw Fault($"the model has byte fallback, but the vocabulary lacks <0x{b:X2}>.")
                    ),
            ];

    private static bool JoinsBeforeMark(string left, string right) => right[0] == '▁' && left[^1] != '▁';

    private ByteTrie WholeWords(bool byteLevel) =>
        new(
            Enumerable
                .Range(0, _vocabulary.Size)
                .Where(id => _vocabulary.Text(id) is not null && !_vocabulary.IsSpecial(id))
                .Select(id =>
                    (byteLevel ? ByteAlphabet.Read(_vocabulary.Text(id)!) ?? [] : Encoding.UTF8.GetBytes(_vocabulary.Text(id)!), id)
                )
        );

    private IEnumerable<(string, string)> Merges(JsonElement model)
    {
        if (Part(model, "merges") is not JsonElement merges)
            throw Fault("the model has no 'merges'.");
        foreach (var merge in merges.EnumerateArray())
        {
            if (merge.ValueKind == JsonValueKind.Array)
            {
                if (
                    merge.GetArrayLength() != 2
                    || merge[0].GetString() is not { Length: > 0 } first
                    || merge[1].GetString() is not { Length: > 0 } second
                )
                {
                    throw Fault("a merge is not a pair of tokens.");
                }
                yield return (first, second);
                continue;
            }
            var pair = merge.GetString()!.Split(' ');
            if (pair.Length != 2 || pair[0].Length == 0 || pair[1].Length == 0)
                throw Fault($"the merge '{merge.GetString()}' is not a pair of tokens.");
            yield return (pair[0], pair[1]);
        }
    }

    /// <summary>The template that add_bos_token and add_eos_token of tokenizer_config.json ask for.</summary>
    private TokenTemplate Override(TokenTemplate template, int? bos, int? eos)
    {
        // Transformers rebuilds the template from false flags for these classes only; the others keep what tokenizer.json says.
        var rebuilds =
            _configuration.TokenizerClass is not string name
            || name.StartsWith("Llama", StringComparison.Ordinal)
            || name.StartsWith("CodeLlama", StringComparison.Ordinal)
            || name.StartsWith("Gemma", StringComparison.Ordinal);
        return new TokenTemplate(
            Side("add_bos_token", _configuration.AddBos, template.Before, bos, rebuilds),
            Side("add_eos_token", _configuration.AddEos, template.After, eos, rebuilds)
        );
    }

    private int[] Side(string flag, bool? asked, int[] ids, int? token, bool rebuilds)
    {
        if (asked is not bool add)
            return ids;
        if (!add)
            return rebuilds ? [.. ids.Where(id => id != token)] : ids;
        if (token is not int id)
            throw new ModelFormatException(_configuration.ConfigPath, $"'{flag}' is true, but no file names that token.");
        return ids.Contains(id) ? ids
            : flag == "add_bos_token" ? [id, .. ids]
            : [.. ids, id];
    }

    /// <summary>A property that is there and not null.</summary>
    private static JsonElement? Part(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool Flag(JsonElement element, string name) => Part(element, name)?.GetBoolean() ?? false;

    private ModelFormatException Fault(string message) => new(_path, message);
}
