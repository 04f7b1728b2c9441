using System.Globalization;
using SearchEngine;
using SearchEngine.CrashHarness;
using SearchEngine.TestSupport;

// write DIR JOURNAL SEED       the child: writes until it is killed
// read DIR NAME                opens a snapshot read-only, verifies, and keeps it open until standard input ends
// collections DIR N           makes N collections and keeps them open: what they take of the system, and what happens at its limits
// golden DIR                   makes the golden database of this build's format version (tests/SearchEngine.Tests/golden)
// --rounds N [--seed S]        the parent: N rounds of write, kill, reopen, compare
// --fault-rounds N [--seed S]  N rounds of errors, torn writes and a full disk under log, stores and Lucene, in this process
// --power-losses N [--seed S] N rounds over a disk that forgets what was not forced to it, in this process
// --flip-bytes N [--seed S]    N random bytes of each file of a small database, flipped in turn (0: every byte)
if (args is ["write", var directory, var journal, var seed])
{
    await CrashWriter.RunAsync(directory, journal, int.Parse(seed, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["read", var snapshot, var name])
{
    await using var database = await SearchDatabase.OpenAsync(CrashModel.Options(snapshot) with { ReadOnly = true });
    var collection = await database.GetCollectionAsync(name);
    var report = await collection.VerifyAsync();
    Console.WriteLine($"{collection.Count} records, {report.Problems.Count} problems");
    return Console.In.ReadToEnd().Length == 0 && report.IsSound ? 0 : 1;
}

if (args is ["collections", var many, var count])
{
    return await ManyCollections.RunAsync(many, int.Parse(count, CultureInfo.InvariantCulture));
}

if (args is ["golden", var folder])
{
    await GoldenDatabase.GenerateAsync(folder);
    return 0;
}

if (args.Contains("--fault-rounds"))
{
    var faultSeed = Option("--seed", TestSeed.Fresh());
    Console.WriteLine($"fault rounds from seed {faultSeed}");
    var faults = await FaultRounds.RunAsync(Option("--fault-rounds", 25), faultSeed, Console.WriteLine);
    Console.WriteLine(faults.Summary);
    foreach (var failure in faults.Failures)
        Console.WriteLine(failure);
    return faults.Failures.Count == 0 ? 0 : 1;
}

if (args.Contains("--power-losses"))
{
    var lossSeed = Option("--seed", TestSeed.Fresh());
    Console.WriteLine($"losses of power from seed {lossSeed}");
    var losses = await PowerLossRounds.RunAsync(Option("--power-losses", 25), lossSeed, Console.WriteLine);
    Console.WriteLine(losses.Summary);
    foreach (var failure in losses.Failures)
        Console.WriteLine(failure);
    return losses.Failures.Count == 0 ? 0 : 1;
}

if (args.Contains("--flip-bytes"))
{
    var flips = await ByteFlips.RunAsync(Option("--flip-bytes", 0), Option("--seed", 1), Console.WriteLine);
    Console.WriteLine($"{flips.Detected} detected, {flips.Unaffected} without effect, {flips.Failures.Count} failures");
    foreach (var failure in flips.Failures)
        Console.WriteLine(failure);
    return flips.Failures.Count == 0 ? 0 : 1;
}

var rounds = Option("--rounds", 25);
var first = Option("--seed", TestSeed.Fresh());
Console.WriteLine($"{rounds} rounds from seed {first}");
var kills = await CrashRounds.RunAsync(rounds, first, Console.WriteLine);
Console.WriteLine(kills.Summary);
foreach (var failure in kills.Failures)
    Console.WriteLine(failure);
return kills.Failures.Count == 0 ? 0 : 1;

int Option(string name, int otherwise)
{
    var at = Array.IndexOf(args, name);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
