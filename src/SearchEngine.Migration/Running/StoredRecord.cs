using System.Runtime.InteropServices;

namespace SearchEngine.Migration;

/// <summary>Whether a record is there already as a store has it.</summary>
internal static class StoredRecord
{
    public static bool IsSame(Document stored, Document asked, ImportMapping mapping)
    {
        foreach (var (_, field) in mapping.Fields)
        {
            if (!AreEqual(stored[field.Name], asked[field.Name]))
                return false;
        }

        foreach (var (_, field) in mapping.Vectors)
        {
            var has = stored.Vectors.TryGetValue(field.Name, out var there);
            if (has != asked.Vectors.TryGetValue(field.Name, out var vector) || (has && !SameBits(there.Span, vector.Span)))
                return false;
        }

        // Made of the same text by the same model (which the collection checks) it is the same vector.
        return mapping.Embed is not { } source || asked[source] is null || stored.Vectors.ContainsKey(mapping.Schema.Vectors[0].Name);
    }

    private static bool AreEqual(object? left, object? right) =>
        (left, right) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            // A stored time keeps its ticks and its kind or offset.
            (DateTimeOffset a, DateTimeOffset b) => a.EqualsExact(b),
            (DateTime a, DateTime b) => a == b && a.Kind == b.Kind,
            (decimal a, decimal b) => decimal.GetBits(a).AsSpan().SequenceEqual(decimal.GetBits(b)),
            (Array a, Array b) => a.Length == b.Length
                && a.Cast<object?>().Zip(b.Cast<object?>()).All(pair => AreEqual(pair.First, pair.Second)),
            _ => left.Equals(right),
        };

    private static bool SameBits(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));
}
