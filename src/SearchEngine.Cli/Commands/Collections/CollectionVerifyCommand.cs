using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Checks a collection and says what it found; exit code 1 where something is wrong.</summary>
internal sealed class CollectionVerifyCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Name, cancellationToken);
        var report = await ((IVerifiableCollection)collection).VerifyAsync(new DiagnosticProgress(console), cancellationToken);
        if (plan.AsJson)
        {
            console.WriteJson(
                new
                {
                    collection = report.Collection,
                    sound = report.IsSound,
                    records = report.Records,
                    checks = report.Checks,
                    problems = report.Problems,
                    seconds = report.Elapsed.TotalSeconds,
                }
            );
        }
        else
        {
            foreach (var check in report.Checks)
                console.Out.WriteLine($"checked  {check}");
            foreach (var problem in report.Problems)
                console.Out.WriteLine($"problem  {problem}");
            console.Out.WriteLine(
                report.IsSound
                    ? $"collection '{report.Collection}' is sound: {Format.Count(report.Records, "record")}, {Format.Seconds(report.Elapsed)}"
                    : $"collection '{report.Collection}' has {Format.Count(report.Problems.Count, "problem")}"
            );
        }

        return report.IsSound ? ExitCode.Success : ExitCode.Partial;
    }
}
