using System.Globalization;
using SearchEngine.CrashHarness;

// write DIR JOURNAL SEED       the child: writes until it is killed
// --rounds N [--seed S]        the parent: N rounds of write, kill, reopen, compare
if (args is ["write", var directory, var journal, var seed])
{
    await CrashWriter.RunAsync(directory, journal, int.Parse(seed, CultureInfo.InvariantCulture));
    return 0;
}

var rounds = Option("--rounds", 25);
var first = Option("--seed", Environment.TickCount & 0xFFFF);
Console.WriteLine($"{rounds} rounds from seed {first}");
var failures = await CrashRounds.RunAsync(rounds, first, Console.WriteLine);
Console.WriteLine(failures.Count == 0 ? $"{rounds} rounds, nothing lost" : string.Join('\n', failures));
return failures.Count == 0 ? 0 : 1;

int Option(string name, int otherwise)
{
    var at = Array.IndexOf(args, name);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
