namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// Rows in four bits: elements from -7 to 7 in groups of 32, each group with a whole multiplier from 1 to 18 of the row's step (scales of
/// scales in few bits, as the k-quants of llama.cpp have them). An element times its multiplier is a whole number of at most 126, so a row
/// of four bits is one of eight bits without further rounding.
/// </summary>
internal static unsafe class Int4Rounding
{
    /// <summary>Elements that share a multiplier; rows are whole groups.</summary>
    public const int Group = 32;

    /// <summary>The largest multiplier.</summary>
    public const int LargestMultiplier = 18;

    private const int Largest = 7;
    private const int Bias = 8; // what an element has more in the file: none is negative there

    /// <summary>Rounds a row: for each group the multiplier with the smallest sum of squared errors.</summary>
    /// <param name="row">Whole groups.</param>
    /// <param name="nibbles">(elements / 2), the even element in the lower half</param>
    /// <param name="multipliers">(elements / 32)</param>
    /// <returns>The row's step; 0 for a row of zeros.</returns>
    public static float Quantize(ReadOnlySpan<float> row, Span<byte> nibbles, Span<byte> multipliers)
    {
        var largest = Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(row));
        var step = largest / (Largest * LargestMultiplier);
        for (var g = 0; g < multipliers.Length; g++)
        {
            var group = row.Slice(g * Group, Group);
            var best = double.PositiveInfinity;
            for (var multiplier = 1; multiplier <= LargestMultiplier; multiplier++)
            {
                double error = 0;
                foreach (var value in group)
                {
                    var left = value - Round(value, step * multiplier) * (step * multiplier);
                    error += left * left;
                }
                if (error < best)
                    (best, multipliers[g]) = (error, (byte)multiplier);
            }
            for (var i = 0; i < Group; i += 2)
            {
                var scale = step * multipliers[g];
                nibbles[(g * Group + i) / 2] = (byte)(Round(group[i], scale) + Bias | (Round(group[i + 1], scale) + Bias) << 4);
            }
        }
        return step;
    }

    /// <summary>Writes a row as eight bits, in steps of the row.</summary>
    /// <param name="nibbles">(elements / 2)</param>
    /// <param name="multipliers">(elements / 32)</param>
    /// <param name="target">(elements)</param>
    /// <returns>False if something is there that <see cref="Quantize"/> does not write.</returns>
    public static bool TryUnpack(ReadOnlySpan<byte> nibbles, ReadOnlySpan<byte> multipliers, sbyte* target)
    {
        var sound = true;
        for (var g = 0; g < multipliers.Length; g++)
        {
            int multiplier = multipliers[g];
            sound &= multiplier is > 0 and <= LargestMultiplier;
            foreach (var pair in nibbles.Slice(g * Group / 2, Group / 2))
            {
                int even = (pair & 15) - Bias,
                    odd = (pair >> 4) - Bias;
                sound &= even > -Bias && odd > -Bias;
                *target++ = (sbyte)(even * multiplier);
                *target++ = (sbyte)(odd * multiplier);
            }
        }
        return sound;
    }

    private static int Round(float value, float scale) => scale > 0 ? (int)Math.Clamp(MathF.Round(value / scale), -Largest, Largest) : 0;
}
