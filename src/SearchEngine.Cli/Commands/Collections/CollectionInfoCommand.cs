using System.Globalization;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Shows what a collection holds.</summary>
internal sealed class CollectionInfoCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Name, cancellationToken);
        var report = CollectionReport.Of(await collection.GetInfoAsync(cancellationToken));
        if (plan.AsJson)
        {
            console.WriteJson(report);
            return ExitCode.Success;
        }

        Write("name", report.Name);
        Write("records", Format.Count(report.Records));
        Write("model", report.Model ?? "none (vectors are brought by the caller)");
        Write("keys", report.KeyKind.ToString());
        Write("analyzer", report.Analyzer);
        foreach (var vector in report.Vectors)
        {
            Write(
                "vector",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{vector.Name}: {vector.Dimension} dimensions, {vector.Metric}, {vector.Index}, {vector.Quantization}"
                )
            );
        }
        foreach (var field in report.Fields)
            Write("field", Describe(field));
        Write("disk", Format.Bytes(report.DiskBytes));
        Write("log", Format.Bytes(report.LogBytes));
        Write("memory", Format.Bytes(report.MemoryBytes));
        Write("checkpoint", report.LastCheckpoint?.ToString("u", CultureInfo.InvariantCulture) ?? "none yet");
        return ExitCode.Success;
    }

    private static string Describe(DataField field)
    {
        var traits = new List<string> { field.IsList ? field.Type + " list" : field.Type.ToString() };
        if (field.IsFullText)
            traits.Add("full text");
        if (field.IsFilterable)
            traits.Add("filterable");
        return $"{field.Name}: {string.Join(", ", traits)}";
    }

    private void Write(string name, string value) => console.Out.WriteLine($"{name, -11} {value}");
}
