using System.Globalization;

namespace SearchEngine.TestSupport;

/// <summary>
/// Seeds of random tests. The variable <c>SEARCHENGINE_TEST_SEED</c> replaces the seed that a test has of its own: with the number that a
/// failure printed it is repeated, with any other the tests are searched further. Every seed is printed as it is taken.
/// </summary>
public static class TestSeed
{
    public const string Variable = "SEARCHENGINE_TEST_SEED";

    /// <summary>The seed from outside, or the test's own.</summary>
    public static int Get(int otherwise) => Print(FromOutside() ?? otherwise);

    /// <summary>The seed from outside, or a new one each time: for soaks.</summary>
    public static int Fresh() => Print(FromOutside() ?? Random.Shared.Next(1 << 16));

    private static int? FromOutside()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text))
            return null;
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new InvalidOperationException($"{Variable} is '{text}': it must be an integer.");
    }

    private static int Print(int seed)
    {
        Console.WriteLine($"seed {seed} (repeat with {Variable}={seed})");
        return seed;
    }
}
