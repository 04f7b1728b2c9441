using System.Text.Json;
using SearchEngine.Embeddings.Tokenization;

namespace SearchEngine.Embeddings;

/// <summary>Normalizers, pre-tokenizers and post-processors of a tokenizer.json.</summary>
internal sealed partial class TokenizerJson
{
    /// <summary>
    /// 'Whitespace': runs of word characters, and runs of others that are not space (the library takes Rust's \w here, joiners included).
    /// </summary>
    private static readonly Lazy<CodePointRegex> WordsPattern = new(() =>
        new CodePointRegex(@"[\w\x{200C}\x{200D}]+|[^\w\s\x{200C}\x{200D}]+")
    );

    private static readonly Lazy<CodePointRegex> SpacePattern = new(() => new CodePointRegex(@"\s"));

    /// <summary>'Punctuation': the categories P, and every ASCII character that is neither letter, digit, space nor control.</summary>
    private static readonly Lazy<CodePointRegex> MarkPattern = new(() => new CodePointRegex(@"[\p{P}!-/:-@\[-`{-~]"));

    private TextNormalizer ReadNormalizer(JsonElement element)
    {
        var type = Type(element, "normalizer");
        switch (type)
        {
            case "Sequence":
                return new SequenceTextNormalizer([.. element.GetProperty("normalizers").EnumerateArray().Select(ReadNormalizer)]);
            case "NFC":
                return new UnicodeTextNormalizer(UnicodeForm.Nfc);
            case "NFD":
                return new UnicodeTextNormalizer(UnicodeForm.Nfd);
            case "NFKC":
                return new UnicodeTextNormalizer(UnicodeForm.Nfkc);
            case "NFKD":
                return new UnicodeTextNormalizer(UnicodeForm.Nfkd);
            case "Lowercase":
                return new LowercaseTextNormalizer();
            case "BertNormalizer":
                var lowercase = _configuration.LowerCase ?? Part(element, "lowercase")?.GetBoolean() ?? true;
                var separateHan = _configuration.SeparateHan ?? Part(element, "handle_chinese_chars")?.GetBoolean() ?? true;
                var stripAccents = _configuration.StripAccents ?? Part(element, "strip_accents")?.GetBoolean() ?? lowercase;
                _rules += $" bert {lowercase} {separateHan} {stripAccents}";
                return new BertTextNormalizer(Part(element, "clean_text")?.GetBoolean() ?? true, separateHan, stripAccents, lowercase);
            case "StripAccents":
                return new StripAccentsTextNormalizer();
            case "Strip":
                return new StripTextNormalizer(Flag(element, "strip_left"), Flag(element, "strip_right"));
            case "Prepend":
                return new PrependTextNormalizer(element.GetProperty("prepend").GetString()!);
            case "Precompiled":
                return new PrecompiledTextNormalizer(
                    _path,
                    (
                        Part(element, "precompiled_charsmap") ?? throw Fault("the normalizer 'Precompiled' has no 'precompiled_charsmap'.")
                    ).GetBytesFromBase64()
                );
            case "Replace":
                var content = element.GetProperty("content").GetString()!;
                var pattern = Pattern(element.GetProperty("pattern"), out var isRegex);
                return Guarded<TextNormalizer>(
                    pattern,
                    () =>
                        isRegex
                            ? new RegexReplaceTextNormalizer(new CodePointRegex(pattern), content)
                            : new ReplaceTextNormalizer(pattern, content)
                );
            default:
                throw Fault($"the normalizer '{type}' is not supported.");
        }
    }

    private PreTokenizer ReadPreTokenizer(JsonElement? element)
    {
        if (element is not JsonElement root)
            return new PreTokenizer();
        JsonElement[] stages = [root];
        if (Type(root, "pre_tokenizer") == "Sequence")
            stages = [.. root.GetProperty("pretokenizers").EnumerateArray()];
        List<PieceSplitter> steps = [];
        var scheme = PrefixScheme.Never;
        var foldSpaces =
            stages.Length > 1 && Type(stages[0], "pre_tokenizer") == "WhitespaceSplit" && Type(stages[1], "pre_tokenizer") == "Metaspace";
        var prefix = ' ';
        char? mark = null;
        var byteLevel = false;
        for (var i = 0; i < stages.Length; i++)
        {
            var stage = stages[i];
            var type = Type(stage, "pre_tokenizer");
            if (byteLevel)
                throw Fault($"the pre-tokenizer '{type}' after 'ByteLevel' is not supported.");
            switch (type)
            {
                case "ByteLevel":
                    byteLevel = true;
                    var addSpace = _configuration.AddPrefixSpace ?? Part(stage, "add_prefix_space")?.GetBoolean() ?? true;
                    if (addSpace && i > 0)
                        throw Fault("a 'ByteLevel' with 'add_prefix_space' after another pre-tokenizer is not supported.");
                    scheme = addSpace ? PrefixScheme.Always : scheme;
                    if (Part(stage, "use_regex")?.GetBoolean() ?? true)
                        steps.Add(WordSplitter.Gpt2);
                    break;
                case "Whitespace":
                    steps.Add(new PatternSplitter(WordsPattern.Value, SplitBehavior.Removed, invert: true));
                    break;
                case "WhitespaceSplit" when !foldSpaces:
                    steps.Add(new PatternSplitter(SpacePattern.Value, SplitBehavior.Removed, invert: false));
                    break;
                case "Punctuation":
                    steps.Add(
                        new PatternSplitter(MarkPattern.Value, Behavior(Part(stage, "behavior")?.GetString() ?? "Isolated"), invert: false)
                    );
                    break;
                case "CharDelimiterSplit":
                    steps.Add(
                        new PatternSplitter(
                            new CodePointRegex(Literal(stage.GetProperty("delimiter").GetString()!)),
                            SplitBehavior.Removed,
                            invert: false
                        )
                    );
                    break;
                case "UnicodeScripts":
                    steps.Add(new ScriptSplitter());
                    break;
                case "BertPreTokenizer":
                    steps.Add(new BertSplitter());
                    break;
                case "WhitespaceSplit" when foldSpaces && i == 0:
                    break;
                case "Metaspace":
                    if (i > (foldSpaces ? 1 : 0))
                        throw Fault("a 'Metaspace' after another pre-tokenizer than 'WhitespaceSplit' is not supported.");
                    prefix = Part(stage, "replacement")?.GetString() is { Length: 1 } replacement ? replacement[0] : '▁';
                    mark = prefix;
                    scheme = MetaspaceScheme(stage);
                    var splits = Part(stage, "split")?.GetBoolean() ?? true;
                    if (foldSpaces && (scheme != PrefixScheme.Always || !splits))
                    {
                        throw Fault(
                            "a 'Metaspace' after 'WhitespaceSplit' is supported only where it splits and always puts its mark in front."
                        );
                    }
                    if (splits)
                        steps.Add(new MarkSplitter(prefix));
                    break;
                case "Digits":
                    steps.Add(new DigitSplitter(Flag(stage, "individual_digits")));
                    break;
                case "Split":
                    steps.Add(ReadSplit(stage));
                    break;
                default:
                    throw Fault($"the pre-tokenizer '{type}' is not supported.");
            }
        }
        return new PreTokenizer
        {
            Prefix = prefix,
            Scheme = scheme,
            SpaceMark = mark,
            FoldSpaces = foldSpaces,
            Steps = [.. steps],
            ByteLevel = byteLevel,
        };
    }

    private PrefixScheme MetaspaceScheme(JsonElement stage) =>
        Part(stage, "prepend_scheme")?.GetString() switch
        {
            null => Part(stage, "add_prefix_space")?.GetBoolean() ?? true ? PrefixScheme.Always : PrefixScheme.Never,
            "always" => PrefixScheme.Always,
            "first" => PrefixScheme.First,
            "never" => PrefixScheme.Never,
            string other => throw Fault($"the 'prepend_scheme' '{other}' of 'Metaspace' is not supported."),
        };

    private PieceSplitter ReadSplit(JsonElement stage)
    {
        var pattern = Pattern(stage.GetProperty("pattern"), out var isRegex);
        var invert = Flag(stage, "invert");
        var behavior = Behavior(stage.GetProperty("behavior").GetString() ?? "");
        // The known patterns match every character, so that these ways of using them all keep the matches.
        if (
            isRegex
            && (behavior == SplitBehavior.Isolated || (behavior == SplitBehavior.Removed && invert))
            && WordSplitter.ForPattern(pattern) is WordSplitter known
        )
        {
            return known;
        }
        return Guarded(pattern, () => new PatternSplitter(new CodePointRegex(isRegex ? pattern : Literal(pattern)), behavior, invert));
    }

    private TokenTemplate ReadPostProcessor(JsonElement element)
    {
        var type = Type(element, "post_processor");
        switch (type)
        {
            case "ByteLevel":
                return new TokenTemplate([], []);
            case "Sequence":
                TokenTemplate outer = new([], []);
                foreach (var processor in element.GetProperty("processors").EnumerateArray())
                {
                    var next = ReadPostProcessor(processor);
                    outer = new TokenTemplate([.. next.Before, .. outer.Before], [.. outer.After, .. next.After]);
                }
                return outer;
            case "BertProcessing" or "RobertaProcessing":
                return new TokenTemplate([element.GetProperty("cls")[1].GetInt32()], [element.GetProperty("sep")[1].GetInt32()]);
            case "TemplateProcessing":
                return ReadTemplate(element);
            default:
                throw Fault($"the post-processor '{type}' is not supported.");
        }
    }

    private TokenTemplate ReadTemplate(JsonElement element)
    {
        List<int> before = [],
            after = [];
        var sequences = 0;
        foreach (var item in element.GetProperty("single").EnumerateArray())
        {
            if (item.TryGetProperty("Sequence", out _))
            {
                sequences++;
                continue;
            }
            var name = item.GetProperty("SpecialToken").GetProperty("id").GetString()!;
            foreach (var id in element.GetProperty("special_tokens").GetProperty(name).GetProperty("ids").EnumerateArray())
                (sequences == 0 ? before : after).Add(id.GetInt32());
        }
        if (sequences != 1)
            throw Fault($"the template of the post-processor has the text {sequences} times instead of once.");
        if (before.Concat(after).FirstOrDefault(id => _vocabulary.Text(id) is null, -1) is >= 0 and int missing)
            throw Fault($"the template of the post-processor has token {missing}, which is not in the vocabulary.");
        return new TokenTemplate([.. before], [.. after]);
    }

    /// <summary>The expression that matches a string as it stands.</summary>
    private static string Literal(string text) => string.Concat(text.EnumerateRunes().Select(rune => $"\\x{{{rune.Value:X}}}"));

    private SplitBehavior Behavior(string name) =>
        Enum.TryParse(name, ignoreCase: false, out SplitBehavior behavior) && Enum.IsDefined(behavior) && !int.TryParse(name, out _)
            ? behavior
            : throw Fault($"the behaviour '{name}' of a splitting pre-tokenizer is not supported.");

    private string Pattern(JsonElement element, out bool isRegex)
    {
        isRegex = element.TryGetProperty("Regex", out var pattern);
        if (!isRegex && !element.TryGetProperty("String", out pattern))
            throw Fault("a pattern is neither a String nor a Regex.");
        return pattern.GetString() is { Length: > 0 } text ? text : throw Fault("a pattern is empty.");
    }

    private T Guarded<T>(string pattern, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(_path, $"the pattern '{pattern}' is not supported: {e.Message}", e);
        }
    }

    private string Type(JsonElement element, string stage) =>
        element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : throw Fault($"a {stage} has no 'type'.");
}
