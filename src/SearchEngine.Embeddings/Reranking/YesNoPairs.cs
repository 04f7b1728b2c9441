using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Reranking;

/// <summary>
/// A decoder that is asked whether the passage answers the query and says yes or no, as Qwen3-Reranker (Zhang et al. 2025): the score is the
/// logit of "yes" less that of "no" behind the prompt.
/// </summary>
internal sealed class YesNoPairs : PairReader
{
    private const string Before =
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. "
        + "Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n";

    private const string Behind = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";

    private readonly TextTokenizer _tokenizer;
    private readonly string _instruction;
    private readonly IReadOnlyList<int> _before;
    private readonly IReadOnlyList<int> _behind;
    private readonly int _room;
    private readonly float[] _direction;

    /// <param name="folder">With the weights.</param>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="maxLength">The most tokens of a pair with its prompt.</param>
    /// <param name="instruction">What it is told to look for.</param>
    /// <exception cref="ModelFormatException">The vocabulary has no "yes" or "no".</exception>
    public YesNoPairs(string folder, DecoderConfig config, TextTokenizer tokenizer, int maxLength, string instruction)
    {
        _tokenizer = tokenizer;
        _instruction = instruction;
        _before = tokenizer.EncodeOrdinary(Before);
        _behind = tokenizer.EncodeOrdinary(Behind);
        _room = maxLength - _before.Count - _behind.Count;
        if (_room < 1)
        {
            throw new ArgumentException(
                $"A maximum of {maxLength} tokens leaves no room beside the prompt's {_before.Count + _behind.Count}."
            );
        }
        using var weights = SafetensorsSet.Open(folder);
        var head = weights.Entries.GetValueOrDefault("lm_head.weight") ?? DecoderCheckpoint.Get(weights, "model.embed_tokens.weight");
        using TokenTable table = new(weights, head);
        _direction = Row(Id("yes"));
        TensorPrimitives.Subtract(_direction, Row(Id("no")), _direction);

        float[] Row(int id)
        {
            var row = new float[config.HiddenSize];
            table.Read(id, row);
            return row;
        }

        int Id(string word) =>
            tokenizer.TokenId(word) is { } id && id < config.VocabularySize
                ? id
                : throw new ModelFormatException(
                    folder,
                    $"the vocabulary has no token '{word}', so the decoder cannot rerank by yes and no."
                );
    }

    public override AttentionMode Attention => AttentionMode.Causal;

    public override PoolingMode Pooling => PoolingMode.Last;

    public override EncoderInput Encode(string query, string passage)
    {
        var text = _tokenizer.EncodeOrdinary($"<Instruct>: {_instruction}\n<Query>: {query}\n<Document>: {passage}");
        int[] ids = [.. _before, .. text.Take(_room), .. _behind];
        return new EncoderInput(ids, 0, ids.Length);
    }

    public override double Judge(float[] state) => TensorPrimitives.Dot(_direction, state);
}
