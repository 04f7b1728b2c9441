using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>Small encoder checkpoints with random weights, and the tensors by name for references in double precision.</summary>
internal static class EncoderFixture
{
    /// <summary>Writes config.json and model.safetensors (float32) with random weights of the given shapes; norms near one.</summary>
    public static Dictionary<string, double[]> Write(
        string folder,
        string config,
        IEnumerable<(string Name, long[] Shape)> tensors,
        int seed,
        double spread = 0.4,
        Action<string, float[]>? spoil = null
    )
    {
        Random random = new(seed);
        Dictionary<string, double[]> values = [];
        List<SafetensorsTensor> file = [];
        foreach ((var name, var shape) in tensors)
        {
            var norm = name.Contains("norm", StringComparison.OrdinalIgnoreCase) && name.EndsWith("weight", StringComparison.Ordinal);
            float[] numbers =
            [
                .. Enumerable
                    .Range(0, (int)shape.Aggregate(1L, (a, b) => a * b))
                    .Select(_ => (float)((norm ? 1 : 0) + spread * (random.NextDouble() * 2 - 1))),
            ];
            spoil?.Invoke(name, numbers);
            values[name] = [.. numbers.Select(number => (double)number)];
            file.Add(
                new SafetensorsTensor(
                    name,
                    SafetensorsDataType.Float32,
                    shape,
                    stream => stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan()))
                )
            );
        }
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), file, new Dictionary<string, string> { ["format"] = "pt" });
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        return values;
    }

    /// <summary>y = W·x + b for one row; the bias may be missing.</summary>
    public static double[] Linear(Dictionary<string, double[]> w, string name, double[] x)
    {
        var weight = w[name + ".weight"];
        var outputs = weight.Length / x.Length;
        var y = new double[outputs];
        for (var o = 0; o < outputs; o++)
        {
            var sum = w.TryGetValue(name + ".bias", out var bias) ? bias[o] : 0;
            for (var i = 0; i < x.Length; i++)
                sum += weight[o * x.Length + i] * x[i];
            y[o] = sum;
        }
        return y;
    }

    /// <summary>A layer norm of one row; the bias may be missing.</summary>
    public static double[] Norm(Dictionary<string, double[]> w, string name, double[] x, double epsilon)
    {
        var mean = x.Average();
        var variance = x.Average(v => (v - mean) * (v - mean));
        var weight = w[name + ".weight"];
        w.TryGetValue(name + ".bias", out var bias);
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + epsilon) * weight[i] + (bias?[i] ?? 0))];
    }

    /// <summary>Attention of one text; every query sees the keys that <paramref name="sees"/> says.</summary>
    public static double[][] Attention(double[][] q, double[][] k, double[][] v, int heads, Func<int, int, bool> sees)
    {
        var size = q[0].Length / heads;
        double[][] output = [.. q.Select(row => new double[row.Length])];
        for (var head = 0; head < heads; head++)
        {
            for (var t = 0; t < q.Length; t++)
            {
                var scores = new double[k.Length];
                for (var s = 0; s < k.Length; s++)
                {
                    for (var d = 0; d < size; d++)
                        scores[s] += q[t][head * size + d] * k[s][head * size + d];
                    scores[s] = sees(t, s) ? scores[s] / Math.Sqrt(size) : double.NegativeInfinity;
                }
                double largest = scores.Max(),
                    total = scores.Sum(score => Math.Exp(score - largest));
                for (var s = 0; s < k.Length; s++)
                {
                    for (var d = 0; d < size; d++)
                        output[t][head * size + d] += Math.Exp(scores[s] - largest) / total * v[s][head * size + d];
                }
            }
        }
        return output;
    }

    /// <summary>x · Φ(x), the normal distribution integrated by Simpson's rule.</summary>
    public static double Gelu(double x)
    {
        const int Steps = 240;
        double h = x / Steps,
            sum = 0;
        for (var i = 0; i <= Steps; i++)
        {
            sum +=
                (
                    i is 0 or Steps ? 1
                    : i % 2 == 1 ? 4
                    : 2
                ) * Math.Exp(-(i * h) * (i * h) / 2);
        }
        return x * (0.5 + sum * h / 3 / Math.Sqrt(2 * Math.PI));
    }

    public static double[] Add(double[] a, double[] b) => [.. a.Select((value, i) => value + b[i])];
}
