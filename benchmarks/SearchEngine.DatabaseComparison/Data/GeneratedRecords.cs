using System.Numerics.Tensors;

namespace SearchEngine.DatabaseComparison.Data;

/// <summary>
/// Unit vectors in groups of 100 and passages of invented words, whose frequencies follow Zipf's law as those of a language do.
/// </summary>
internal static class GeneratedRecords
{
    private const int Dimension = 384;
    private const int GroupSize = 100;
    private const float Spread = 1.25f;
    private const int Vocabulary = 30_000;
    private const int LeastWords = 20;
    private const int MostWords = 60;

    public static (float[] Vectors, float[] Queries, string[] Texts, string[] Asked) Make(int records, int queries)
    {
        var random = new Random(24);
        var groups = Math.Max(1, records / GroupSize);
        var centres = new float[groups * Dimension];
        for (var i = 0; i < centres.Length; i++)
            centres[i] = Gaussian(random);
        var words = Words(random);
        var sums = new double[Vocabulary];
        for (var i = 0; i < Vocabulary; i++)
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + 1.0 / (i + 3);
        return (Vectors(records), Vectors(queries), Texts(records), Texts(queries));

        float[] Vectors(int count)
        {
            var values = new float[count * Dimension];
            for (var i = 0; i < count; i++)
            {
                var row = values.AsSpan(i * Dimension, Dimension);
                var group = random.Next(groups);
                for (var d = 0; d < Dimension; d++)
                    row[d] = centres[group * Dimension + d] + Spread * Gaussian(random);
                TensorPrimitives.Divide(row, TensorPrimitives.Norm(row), row);
            }

            return values;
        }

        string[] Texts(int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(LeastWords, MostWords)).Select(_ => Word()))),
            ];

        string Word()
        {
            var at = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            return words[Math.Min(Vocabulary - 1, at < 0 ? ~at : at)];
        }
    }

    private static string[] Words(Random random)
    {
        var words = new HashSet<string>();
        while (words.Count < Vocabulary)
        {
            var syllables = random.Next(2, 5);
            words.Add(
                string.Concat(Enumerable.Range(0, syllables).Select(_ => $"{"bcdfgklmnprtvz"[random.Next(14)]}{"aeiou"[random.Next(5)]}"))
            );
        }

        return [.. words];
    }

    private static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
