using System.Globalization;
using System.Text.Json.Nodes;
using SearchEngine.DatabaseComparison.Data;

namespace SearchEngine.DatabaseComparison;

/// <summary>Measures the databases by turns on one data set: what one is asked, the others are asked right before and after.</summary>
internal sealed class Comparison(string directory, string peers)
{
    private const double Recall = 0.95;
    private const int FirstAnswers = 7;
    private const int Rounds = 8;
    private const int PerTurn = DataSet.Measured / Rounds;
    private const int Readers = 8;
    private const int Writes = 25;
    private const int Deleted = 1_000;

    private static readonly (string Kind, string Title)[] Queries =
    [
        ("vector", "vector query p50, ms"),
        ("sentence", "keyword query p50, a sentence, ms"),
        ("words", "keyword query p50, 3 words, ms"),
        ("hybrid", "hybrid query p50, ms"),
        ("few", "vector, filter 0.5% p50, ms"),
        ("half", "vector, filter 50% p50, ms"),
    ];

    private readonly Peer[] _peers = Peer.All(directory, peers);
    private readonly ComparisonTable _table = new();
    private double[] _ingestCpu = [];

    public async Task<int> RunAsync(string title)
    {
        var data = DataSet.Read(directory);
        Ingest();
        OpenInTurns();
        var efforts = new int[_peers.Length];
        WithAll(onOneProcessor: true, all => Search(all, data, efforts));
        WithAll(onOneProcessor: false, all => ReadTogether(all, efforts));
        WithAll(onOneProcessor: true, all => Write(all, data));
        await Console
            .Out.WriteLineAsync(_table.ToMarkdown($"{title}: {data.Count:N0} records, {data.Dimension} dimensions", _peers))
            .ConfigureAwait(false);
        return 0;
    }

    private void Ingest()
    {
        double[] cpu = new double[_peers.Length],
            disk = new double[_peers.Length],
            peak = new double[_peers.Length];
        for (var i = 0; i < _peers.Length; i++)
        {
            Say($"{_peers[i].Name} ingests");
            if (System.IO.Directory.Exists(_peers[i].Directory))
                System.IO.Directory.Delete(_peers[i].Directory, recursive: true);
            JsonNode answer;
            using (var process = ContenderProcess.Start(_peers[i], onOneProcessor: true))
                answer = process.Ask(Request("ingest"));
            (cpu[i], peak[i], disk[i]) = ((double)answer["cpu"]!, (double)answer["peakMB"]!, _peers[i].DiskBytes() / 1e6);
        }

        _ingestCpu = cpu;
        _table.Add("ingest, CPU s", cpu);
        _table.Add("on the disk, MB", disk);
        _table.Add("ingest, peak RSS, MB", peak);
    }

    private void OpenInTurns()
    {
        Say("process starts");
        var times = Lists();
        for (var round = 0; round < FirstAnswers; round++)
        {
            for (var i = 0; i < _peers.Length; i++)
                times[i].Add(ContenderProcess.FirstAnswer(_peers[i]));
        }

        _table.Add("process start to first vector answer, ms", Medians(times));
    }

    private void Search(ContenderProcess[] all, DataSet data, int[] efforts)
    {
        for (var i = 0; i < all.Length; i++)
        {
            var last = (int)all[i].Ask(Request("open"))["efforts"]! - 1;
            while (efforts[i] < last && RecallOf(Ask(all[i], "vector", 0, DataSet.Tuned, efforts[i], 1), data, 0) < Recall)
                efforts[i]++;
        }

        var recalls = new List<double>[] { [], [], [] };
        foreach (var (kind, row) in Queries)
        {
            Say(row);
            var times = Lists();
            // What is compiled or read at the first queries has been by then.
            for (var i = 0; i < all.Length; i++)
                Ask(all[i], kind, 0, DataSet.Tuned, efforts[i], 1);
            for (var round = 0; round < Rounds; round++)
            {
                for (var i = 0; i < all.Length; i++)
                {
                    var from = DataSet.Tuned + round * PerTurn;
                    var answer = Ask(all[i], kind, from, PerTurn, efforts[i], 1);
                    times[i].AddRange(Times(answer));
                    if (kind == "vector")
                        recalls[i].Add(RecallOf(answer, data, from));
                }
            }

            if (kind == "vector")
                _table.AddPlain("recall@10 of the vector queries", [.. recalls.Select(Mean)]);
            _table.Add(row, Medians(times));
        }
    }

    private void ReadTogether(ContenderProcess[] all, int[] efforts)
    {
        foreach (var process in all)
            process.Ask(Request("open"));
        foreach (var kind in new[] { "vector", "words", "hybrid" })
        {
            Say($"{Readers} readers, {kind}");
            var each = Lists();
            for (var round = -1; round < Rounds / 2; round++)
            {
                for (var i = 0; i < all.Length; i++)
                {
                    var answer = Ask(all[i], kind, DataSet.Tuned, DataSet.Measured / 2, efforts[i], Readers);
                    if (round >= 0)
                        each[i].Add((double)answer["seconds"]! * 1000 / (DataSet.Measured / 2));
                }
            }

            _table.Add($"{Readers} readers on all processors, {kind}: ms a query", Medians(each));
        }
    }

    private void Write(ContenderProcess[] all, DataSet data)
    {
        Say("writes");
        List<double>[] single = Lists(),
            after = Lists(),
            deleted = Lists(),
            inserted = Lists(),
            insertedCpu = Lists();
        foreach (var process in all)
            process.Ask(Request("open"));
        for (var round = 0; round < Rounds; round++)
        {
            int from = data.Count + 2 * round * Writes,
                victims = data.Count / 2 / Rounds * round;
            for (var i = 0; i < all.Length; i++)
            {
                single[i].AddRange(Times(all[i].Ask(Request("write", from, Writes))));
                after[i].AddRange(Times(all[i].Ask(Request("searchAfterWrite", from + Writes, Writes))));
            }

            if (round >= Rounds / 2)
                continue;
            for (var i = 0; i < all.Length; i++)
                deleted[i].AddRange(Times(all[i].Ask(Request("delete", victims, Deleted))));
            for (var i = 0; i < all.Length; i++)
            {
                var before = all[i].CpuSeconds;
                inserted[i].AddRange(Times(all[i].Ask(Request("insert", victims, Deleted))));
                insertedCpu[i].Add(all[i].CpuSeconds - before);
            }
        }

        _table.Add("single durable write p50, ms", Medians(single));
        _table.Add("keyword query right after a write p50, ms", Medians(after));
        _table.Add($"delete {Deleted:N0}, ms", Medians(deleted));
        _table.Add("insert them again, ms", Medians(inserted));
        _table.AddRatios(
            "CPU of it for a record, of loading's",
            [.. Medians(insertedCpu).Zip(_ingestCpu, (again, all) => again / Deleted / (all / data.Count))]
        );
    }

    private void WithAll(bool onOneProcessor, Action<ContenderProcess[]> run)
    {
        ContenderProcess[] all = [.. _peers.Select(peer => ContenderProcess.Start(peer, onOneProcessor))];
        try
        {
            run(all);
        }
        finally
        {
            foreach (var process in all)
                process.Dispose();
        }
    }

    private static JsonNode Ask(ContenderProcess process, string kind, int from, int count, int effort, int readers)
    {
        var request = Request("search", from, count);
        (request["kind"], request["effort"], request["readers"]) = (kind, effort, readers);
        return process.Ask(request);
    }

    private static double RecallOf(JsonNode answer, DataSet data, int from) =>
        answer["ids"]!.AsArray().Select((ids, i) => ids!.AsArray().Count(id => data.Truth[from + i].Contains((int)id!)) / 10.0).Average();

    private static string Mean(List<double> recalls) => recalls.Average().ToString("F3", CultureInfo.InvariantCulture);

    private static JsonObject Request(string operation, int from = 0, int count = 0) =>
        new()
        {
            ["op"] = operation,
            ["from"] = from,
            ["count"] = count,
        };

    private static IEnumerable<double> Times(JsonNode answer) => answer["ms"]!.AsArray().Select(time => (double)time!);

    private List<double>[] Lists() => [.. _peers.Select(_ => new List<double>())];

    private static double[] Medians(List<double>[] lists) => [.. lists.Select(list => list.Order().ElementAt(list.Count / 2))];

    private static void Say(string what) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {what}");
}
