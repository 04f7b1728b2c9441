using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>The unigram model of a tokenizer.json: pieces with their log probabilities, in the order of their ids.</summary>
internal sealed partial class TokenizerJson
{
    private readonly List<(string Text, double Score)> _pieces = [];

    private void ReadPieces(JsonElement model)
    {
        if (!model.TryGetProperty("vocab", out var vocabulary) || vocabulary.ValueKind != JsonValueKind.Array)
            throw Fault("the model has no 'vocab'.");
        foreach (var piece in vocabulary.EnumerateArray())
        {
            if (
                piece.ValueKind != JsonValueKind.Array
                || piece.GetArrayLength() != 2
                || piece[0].ValueKind != JsonValueKind.String
                || piece[1].ValueKind != JsonValueKind.Number
                || !double.IsFinite(piece[1].GetDouble())
            )
            {
                throw Fault($"piece {_pieces.Count} of the vocabulary is not a text with a score.");
            }
            var text = piece[0].GetString()!;
            _vocabulary.Add(text, _pieces.Count);
            _pieces.Add((text, piece[1].GetDouble()));
        }
        if (_pieces.Count == 0)
            throw Fault("the vocabulary is empty.");
    }

    private UnigramModel ReadUnigram(JsonElement model, PreTokenizer preTokenizer, out int unkId)
    {
        if (preTokenizer.ByteLevel)
            throw Fault("a 'ByteLevel' pre-tokenizer with a Unigram model is not supported.");
        var fallback = ByteFallback(model);
        unkId = Part(model, "unk_id")?.GetInt32() ?? -1;
        if (unkId >= _pieces.Count || (unkId < 0 && fallback is null))
            throw Fault("the Unigram model has neither a valid 'unk_id' nor byte fallback, so that some texts would have no tokens.");
        return new UnigramModel(_pieces, unkId, fallback);
    }
}
