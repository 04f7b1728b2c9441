using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SearchEngine.Embeddings.Tokenization;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>
/// A small byte-level vocabulary trained on the fixture texts, and the plainest encoder of it: look for the smallest rank, merge it, start
/// over. The oracle for the fast encoder.
/// </summary>
internal sealed class ToyBpe
{
    private readonly PatternSplitter _splitter;
    private readonly Dictionary<(string, string), int> _ranks = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<(string Left, string Right)> _merges = [];

    public ToyBpe(string pattern, int mergeCount = 400)
    {
        Pattern = pattern;
        _splitter = new PatternSplitter(new CodePointRegex(pattern), SplitBehavior.Isolated, invert: false);
        for (var b = 0; b < 256; b++)
            _ids.Add(ByteAlphabet.Char((byte)b).ToString(), b);
        Train(mergeCount);
    }

    public string Pattern { get; }

    public int VocabularySize => _ids.Count;

    public IReadOnlyDictionary<string, int> Ids => _ids;

    public IReadOnlyList<(string Left, string Right)> Merges => _merges;

    /// <summary>The ids of a text without added tokens.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = [];
        foreach (var word in Words(text))
        {
            List<string> symbols = [.. word.Select(c => c.ToString())];
            while (true)
            {
                int best = int.MaxValue,
                    place = -1;
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    if (_ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best)
                        (best, place) = (rank, i);
                }
                if (place < 0)
                    break;
                symbols[place] += symbols[place + 1];
                symbols.RemoveAt(place + 1);
            }
            ids.AddRange(symbols.Select(symbol => _ids[symbol]));
        }
        return [.. ids];
    }

    /// <summary>A tokenizer.json of the vocabulary, to be changed by a test.</summary>
    public JsonObject Json()
    {
        JsonObject vocabulary = [];
        foreach ((var token, var id) in _ids)
            vocabulary.Add(token, id);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = Pattern },
                        ["behavior"] = "Isolated",
                        ["invert"] = false,
                    },
                    new JsonObject
                    {
                        ["type"] = "ByteLevel",
                        ["add_prefix_space"] = false,
                        ["trim_offsets"] = true,
                        ["use_regex"] = false,
                    }
                ),
            },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. _merges.Select(merge => JsonValue.Create($"{merge.Left} {merge.Right}"))]),
            },
        };
    }

    /// <summary>The vocabulary in tiktoken's format.</summary>
    public string Tiktoken() =>
        string.Concat(
            _ids.OrderBy(pair => pair.Value).Select(pair => $"{Convert.ToBase64String(ByteAlphabet.Read(pair.Key)!)} {pair.Value}\n")
        );

    /// <summary>The vocabulary as vocab.json, and its merges as merges.txt.</summary>
    public (string Vocabulary, string Merges) Gpt2Files() =>
        (JsonSerializer.Serialize(_ids), "#version: 0.2\n" + string.Concat(_merges.Select(merge => $"{merge.Left} {merge.Right}\n")));

    /// <summary>An added token of tokenizer.json.</summary>
    public static JsonObject Added(
        string content,
        int id,
        bool special = true,
        bool lstrip = false,
        bool rstrip = false,
        bool singleWord = false,
        bool normalized = false
    ) =>
        new()
        {
            ["id"] = id,
            ["content"] = content,
            ["single_word"] = singleWord,
            ["lstrip"] = lstrip,
            ["rstrip"] = rstrip,
            ["normalized"] = normalized,
            ["special"] = special,
        };

    public static TextTokenizer Load(JsonObject json, params (string Name, string Content)[] files) =>
        TokenizerFixtures.LoadFolder([
            ("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString())),
            .. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content))),
        ]);

    private IEnumerable<string> Words(string text)
    {
        PooledBuffer<TextPiece> pieces = new(16);
        _splitter.Split(text, ref pieces);
        var all = pieces.Span.ToArray();
        pieces.Dispose();
        return all.Select(piece => ByteAlphabet.Write(Encoding.UTF8.GetBytes(text.Substring(piece.Start, piece.Length))));
    }

    private void Train(int mergeCount)
    {
        List<List<string>> words =
        [
            .. TokenizerFixtures
                .Lines(Path.Combine(TokenizerFixtures.Folder, "texts.txt"))
                .SelectMany(Words)
                .Select(word => word.Select(c => c.ToString()).ToList()),
        ];
        while (_merges.Count < mergeCount)
        {
            Dictionary<(string, string), int> counts = [];
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                    counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
            }
            (string Left, string Right) best = counts.MaxBy(pair => (pair.Value, pair.Key)).Key;
            _ranks.Add(best, _merges.Count);
            _merges.Add(best);
            _ids.TryAdd(best.Left + best.Right, _ids.Count);
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == best.Left && word[i + 1] == best.Right)
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }
    }
}
