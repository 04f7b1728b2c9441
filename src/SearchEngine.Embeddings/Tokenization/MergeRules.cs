using System.Buffers;

namespace SearchEngine.Embeddings;

/// <summary>Merge rules from what vocabulary files hold.</summary>
internal static class MergeRules
{
    /// <summary>The rules of a merge list: each line is two tokens, and their joined text is the token they become.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="merges">The pairs, the first to be merged first.</param>
    /// <param name="vocabulary">The tokens.</param>
    public static List<MergeRule> FromPairs(string path, IEnumerable<(string Left, string Right)> merges, TokenVocabulary vocabulary)
    {
        List<MergeRule> rules = [];
        foreach ((var left, var right) in merges)
        {
            int Id(string token) =>
                vocabulary.Id(token)
                ?? throw new ModelFormatException(
                    path,
                    $"merge {rules.Count} joins '{left}' and '{right}', but '{token}' is not in the vocabulary; the files belong to different models or are damaged."
                );
            rules.Add(new MergeRule(Id(left), Id(right), rules.Count, Id(left + right)));
        }
        return rules;
    }

    /// <summary>
    /// The rules of a tiktoken vocabulary: any two tokens merge whose joined bytes are a token, and the id is the rank.
    /// </summary>
    public static List<MergeRule> FromRanks(IReadOnlyDictionary<int, byte[]> tokens)
    {
        Dictionary<byte[], int> ids = new(tokens.Count, ByteComparer.Instance);
        foreach ((var id, var bytes) in tokens)
            ids.TryAdd(bytes, id);
        var lookup = ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        List<MergeRule> rules = [];
        foreach ((var id, var bytes) in tokens)
        {
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                if (lookup.TryGetValue(bytes.AsSpan(0, cut), out var left) && lookup.TryGetValue(bytes.AsSpan(cut), out var right))
                    rules.Add(new MergeRule(left, right, id, id));
            }
        }
        return rules;
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
