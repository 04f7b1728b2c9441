using System.Text;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// Reads BERT's vocab.txt: a token on each line, its id the line's number. Everything else follows from tokenizer_config.json, with the
/// defaults of the library that BERT came with.
/// </summary>
internal static class WordPieceFile
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "vocab.txt";

    /// <summary>Words of more characters become the unknown token.</summary>
    public const int LongestWord = 100;

    private static readonly (string Role, string Default)[] Roles =
    [
        ("unk_token", "[UNK]"),
        ("sep_token", "[SEP]"),
        ("pad_token", "[PAD]"),
        ("cls_token", "[CLS]"),
        ("mask_token", "[MASK]"),
    ];

    /// <summary>Loads the file.</summary>
    /// <exception cref="ModelFormatException">It is damaged, or lacks a token that the template or the configuration needs.</exception>
    public static TextTokenizer Load(string path, TokenizerConfiguration configuration)
    {
        var content = File.ReadAllBytes(path);
        ForeignFile.Refuse(path, content);
        TokenVocabulary vocabulary = new();
        var lines = Encoding.UTF8.GetString(JsonFile.WithoutMark(content).Span).TrimEnd('\n', '\r').Split('\n');
        try
        {
            // Of a token that stands twice the later line counts, as in the reference's dictionary.
            for (var id = lines.Length - 1; id >= 0; id--)
                vocabulary.Add(lines[id].TrimEnd(), id);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException(path, e.Message, e);
        }
        TextTokenizer.CheckModelSize(path, vocabulary.Size, configuration);

        Dictionary<string, int> roles = [];
        List<AddedToken> added = [];
        foreach ((var role, var standard) in Roles)
        {
            var text = configuration.Token(role) ?? standard;
            if (vocabulary.Id(text) is int id)
            {
                roles[role] = id;
                Special(text, id);
            }
            else if (role is "unk_token" or "sep_token" or "cls_token")
            {
                throw new ModelFormatException(path, $"the vocabulary has no {role} '{text}'; the files belong to different models.");
            }
        }
        foreach ((var text, var token) in configuration.AddedTokens)
        {
            if (roles.ContainsValue(token.Id))
                continue;
            vocabulary.Add(text, token.Id);
            Special(text, token.Id, token.IsSpecial);
        }
        var lowercase = configuration.LowerCase ?? true;
        var stripAccents = configuration.StripAccents ?? lowercase;
        var separateHan = configuration.SeparateHan ?? true;
        WordPieceModel model = new([.. lines.Select((line, id) => (line.TrimEnd(), id))], "##", roles["unk_token"], LongestWord);
        TokenizerParts parts = new()
        {
            Vocabulary = vocabulary,
            Template = new TokenTemplate([roles["cls_token"]], [roles["sep_token"]]),
            Content = [content],
            Rules = $"wordpiece {lowercase} {stripAccents} {separateHan} {TokenizerParts.Describe(added)}",
            BosId = roles["cls_token"],
            EosId = roles["sep_token"],
            PadId = Role("pad_token"),
            UnkId = roles["unk_token"],
            MaskId = Role("mask_token"),
        };
        return new PipelineTextTokenizer(
            parts,
            model,
            new PreTokenizer { Steps = [new BertSplitter()] },
            new BertTextNormalizer(clean: true, separateHan, stripAccents, lowercase),
            added
        );

        int? Role(string role) => roles.TryGetValue(role, out var id) ? id : null;

        void Special(string text, int id, bool special = true)
        {
            if (special)
                vocabulary.MarkSpecial(id);
            added.Add(new AddedToken(text, id, SingleWord: false, StripLeft: false, StripRight: false, Normalized: false, special));
        }
    }
}
