using System.Globalization;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Lists the collections of a database.</summary>
internal sealed class CollectionListCommand(CliConsole console)
{
    public async Task<int> RunAsync(DatabasePlan plan, bool asJson, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan, null, cancellationToken);
        var reports = new List<CollectionReport>();
        var damaged = new List<DamagedCollection>();
        foreach (var name in await database.ListCollectionsAsync(cancellationToken))
        {
            try
            {
                reports.Add(
                    CollectionReport.Of(await (await database.GetCollectionAsync(name, cancellationToken)).GetInfoAsync(cancellationToken))
                );
            }
            catch (SearchDatabaseException e)
                when (e.Error is SearchDatabaseError.Corrupt or SearchDatabaseError.UnsupportedFormat or SearchDatabaseError.Storage)
            {
                damaged.Add(new DamagedCollection(name, e.Message));
            }
        }

        if (asJson)
            console.WriteJson<object[]>([.. reports, .. damaged]);
        else
            Write(reports);
        foreach (var collection in damaged)
            console.WriteDiagnostic($"{collection.Name}: {collection.Problem}");
        if (reports.Count + damaged.Count == 0)
            console.WriteDiagnostic($"no collections in {plan.DisplayName}");
        return reports.Count > 0 && damaged.Count == 0 ? ExitCode.Success : ExitCode.Partial;
    }

    /// <summary>The JSON of a collection that cannot be opened.</summary>
    private sealed record DamagedCollection(string Name, string Problem);

    private void Write(List<CollectionReport> reports)
    {
        if (reports.Count == 0)
            return;
        var rows = new List<string[]> { new[] { "NAME", "RECORDS", "DIMENSION", "DISK", "MODEL" } };
        rows.AddRange(
            reports.Select(report =>
                new[]
                {
                    report.Name,
                    report.Records.ToString(CultureInfo.InvariantCulture),
                    string.Join(",", report.Vectors.Select(v => v.Dimension.ToString(CultureInfo.InvariantCulture))),
                    Format.Bytes(report.DiskBytes),
                    report.Model ?? "-",
                }
            )
        );
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            console.Out.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
