using System.Numerics;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Inner products of 1-bit codes with small unsigned queries held as bit planes: Σ b·u = Σ_j 2^j · popcount(b and plane_j). The population
/// count of the code itself comes along. Words of 64 bits; the hardware popcount runs several times per cycle.
/// </summary>
internal static unsafe class BinaryKernels
{
    public const int Planes = 4;

    /// <summary>
    /// Writes Σ b·u and popcount(b) of each row into <paramref name="products"/> and <paramref name="ones"/>. Planes follow each other,
    /// <paramref name="words"/> words each.
    /// </summary>
    public static void Dot(ulong* planes, byte** rows, int count, int words, int* products, int* ones)
    {
        ulong* p0 = planes,
            p1 = planes + words,
            p2 = planes + 2 * words,
            p3 = planes + 3 * words;
        for (var i = 0; i < count; i++)
        {
            var row = (ulong*)rows[i];
            int c0 = 0,
                c1 = 0,
                c2 = 0,
                c3 = 0,
                all = 0;
            for (var w = 0; w < words; w++)
            {
                var bits = row[w];
                all += BitOperations.PopCount(bits);
                c0 += BitOperations.PopCount(bits & p0[w]);
                c1 += BitOperations.PopCount(bits & p1[w]);
                c2 += BitOperations.PopCount(bits & p2[w]);
                c3 += BitOperations.PopCount(bits & p3[w]);
            }
            products[i] = c0 + 2 * c1 + 4 * c2 + 8 * c3;
            ones[i] = all;
        }
    }
}
