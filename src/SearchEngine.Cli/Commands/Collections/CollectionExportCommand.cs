using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Writes a collection as JSON Lines or Parquet: to a file, which appears whole or not at all, or to stdout.</summary>
internal sealed class CollectionExportCommand(CliConsole console)
{
    public async Task<int> RunAsync(
        CollectionPlan plan,
        string? output,
        ExchangeFormat format,
        bool includeVectors,
        CancellationToken cancellationToken
    )
    {
        if (output is null && format == ExchangeFormat.Parquet)
            throw new HostException("Parquet goes to a file: name one with --output.");
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Name, cancellationToken);
        using var progress = new CountProgress(
            console,
            "exporting",
            await collection.CountAsync(cancellationToken: cancellationToken),
            "records"
        );
        if (output is null)
        {
            console.Out.Flush();
            await using var stdout = Console.OpenStandardOutput();
            await CollectionExport.WriteAsync(collection, stdout, includeVectors, progress, cancellationToken);
            return ExitCode.Success;
        }

        var temporary = output + ".part";
        long records;
        var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, useAsync: true);
        try
        {
            await using (file)
            {
                records =
                    format == ExchangeFormat.Parquet
                        ? await ParquetExport.WriteAsync(collection, file, includeVectors, progress, cancellationToken)
                        : await CollectionExport.WriteAsync(collection, file, includeVectors, progress, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, output, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (plan.AsJson)
        {
            console.WriteJson(
                new
                {
                    collection = plan.Name,
                    file = output,
                    records,
                }
            );
        }
        else
        {
            console.Out.WriteLine($"{Format.Count(records, "record")} of collection '{plan.Name}' written to {output}");
        }
        return ExitCode.Success;
    }
}
