using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Reranking;

/// <summary>
/// A cross-encoder: BERT, RoBERTa or XLM-RoBERTa for sequence classification, as Hugging Face lays them out (ms-marco-MiniLM,
/// bge-reranker). The pair is one sequence, <c>[CLS] query [SEP] passage [SEP]</c> with the passage of type 1, or
/// <c>&lt;s&gt; query &lt;/s&gt;&lt;/s&gt; passage &lt;/s&gt;</c>; the first token's state goes through a dense layer with tanh and a linear one with one
/// label (its logit is the score) or two (the second's less the first's).
/// </summary>
internal sealed class ClassifierPairs : PairReader
{
    private readonly TextTokenizer _tokenizer;
    private readonly bool _hasTypes;
    private readonly int _separators;
    private readonly int _maxLength;
    private readonly int _hidden;
    private readonly int _labels;
    private readonly float[] _dense;
    private readonly float[] _denseBias;
    private readonly float[] _output;
    private readonly float[] _outputBias;

    /// <param name="folder">With the weights of the head.</param>
    /// <param name="config">The encoder's shape.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="maxLength">The most tokens of a pair.</param>
    /// <exception cref="ModelFormatException">The head is missing or has another shape.</exception>
    public ClassifierPairs(string folder, BertConfig config, TextTokenizer tokenizer, int maxLength)
    {
        _tokenizer = tokenizer;
        _maxLength = maxLength;
        _hidden = config.HiddenSize;
        var isBert = config.ModelType == "bert";
        _hasTypes = isBert && config.Types > 1;
        _separators = isBert ? 1 : 2;
        using var weights = SafetensorsSet.Open(folder);
        (var dense, var output) = isBert ? ("bert.pooler.dense", "classifier") : ("classifier.dense", "classifier.out_proj");
        _labels = (int)Entry(weights, output + ".bias").ElementCount;
        if (_labels is < 1 or > 2)
        {
            throw new ModelFormatException(
                weights.Path,
                $"the classifier has {_labels} labels; a reranker has one (how well the passage answers) or two (no, yes)."
            );
        }
        _dense = Read(weights, dense + ".weight", [_hidden, _hidden]);
        _denseBias = Read(weights, dense + ".bias", [_hidden]);
        _output = Read(weights, output + ".weight", [_labels, _hidden]);
        _outputBias = Read(weights, output + ".bias", [_labels]);
        if (_maxLength <= Overhead + 1)
            throw new ArgumentException($"A maximum of {_maxLength} tokens leaves no room for a query and a passage.");
    }

    public override AttentionMode Attention => AttentionMode.Bidirectional;

    public override PoolingMode Pooling => PoolingMode.First;

    private int Overhead => _tokenizer.Template.Before.Length + (_separators + 1) * _tokenizer.Template.After.Length;

    public override EncoderInput Encode(string query, string passage)
    {
        var first = _tokenizer.EncodeOrdinary(query);
        var second = _tokenizer.EncodeOrdinary(passage);
        (var kept, var keptToo) = LongestFirst(first.Count, second.Count, _maxLength - Overhead);
        var template = _tokenizer.Template;
        List<int> ids = [.. template.Before, .. first.Take(kept)];
        ids.AddRange(template.After);
        var border = ids.Count;
        for (var i = 1; i < _separators; i++)
            ids.AddRange(template.After);
        ids.AddRange(second.Take(keptToo));
        ids.AddRange(template.After);
        return new EncoderInput([.. ids], 0, ids.Count) { FirstTexts = _hasTypes ? border : null };
    }

    public override double Judge(float[] state)
    {
        var pooled = new float[_hidden];
        for (var row = 0; row < _hidden; row++)
            pooled[row] = TensorPrimitives.Dot(_dense.AsSpan(row * _hidden, _hidden), state) + _denseBias[row];
        TensorPrimitives.Tanh(pooled, pooled);
        double Logit(int label) => TensorPrimitives.Dot(_output.AsSpan(label * _hidden, _hidden), pooled) + _outputBias[label];
        return _labels == 1 ? Logit(0) : Logit(1) - Logit(0);
    }

    /// <summary>How much of two texts is kept where both do not fit: the longer is cut to the shorter, then both.</summary>
    internal static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        if (first + second <= room)
            return (first, second);
        if (first >= second)
        {
            var (shorter, longer) = Cut(second, room);
            return (longer, shorter);
        }
        return Cut(first, room);

        static (int Shorter, int Longer) Cut(int shorter, int room) =>
            2 * shorter <= room ? (shorter, room - shorter) : (room / 2, room - room / 2);
    }

    private static SafetensorsEntry Entry(SafetensorsSet weights, string name) =>
        weights.Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ModelFormatException(
                weights.Path,
                $"tensor '{name}' is missing: this is no sequence classifier, so it cannot rerank by its own."
            );

    private static float[] Read(SafetensorsSet weights, string name, long[] shape)
    {
        var entry = Entry(weights, name);
        return entry.Shape.AsSpan().SequenceEqual(shape)
            ? WeightReader.ReadArray(weights, entry)
            : throw new ModelFormatException(
                weights.Path,
                $"tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], not [{string.Join(", ", shape)}]."
            );
    }
}
