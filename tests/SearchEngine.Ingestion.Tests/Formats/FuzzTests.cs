using System.Diagnostics;
using System.Text;
using SearchEngine.Ingestion.Tests.Reading;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Damaged files: a reader gives documents or says why not, in bounded time; it never brings the process down.</summary>
public sealed class FuzzTests : IDisposable
{
    /// <summary>More rounds for a longer run, as docs/cli.md says.</summary>
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("SEARCHENGINE_FUZZ_ROUNDS"), out var rounds)
        ? rounds
        : 25;

    /// <summary>Far above what a small file takes on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Extensions => [.. DocumentReaders.Default.Select(r => r.Extensions.First())];

    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_damaged_file_is_read_or_refused(string extension)
    {
        var random = new Random(extension.Length * 31 + extension[1]);
        var seeds = Seeds(extension).ToList();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutated(seeds[random.Next(seeds.Count)], random);
            var path = _folder.Write("f" + extension, bytes);
            var watch = Stopwatch.StartNew();
            try
            {
                _ = Extracted.Of(path);
            }
            catch (SourceFormatException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
            }

            Assert.True(watch.Elapsed < Patience, $"round {round} of {extension} took {watch.Elapsed}");
        }
    }

    /// <summary>Whole files of the format (or of text, which every reader must stand), and files of other formats.</summary>
    private static IEnumerable<byte[]> Seeds(string extension)
    {
        var cases = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Cases")).ToList();
        var own = cases.Where(c => Path.GetExtension(c) == extension).ToList();
        foreach (var path in own.Count > 0 ? own : cases)
        {
            yield return File.ReadAllBytes(path);
        }

        yield return Encoding.UTF8.GetBytes(@"{\rtf1\ansi {\b bold} \'e9 \u8364? \par {\*\x y}}");
        yield return Encoding.UTF8.GetBytes(
            "a,b\n\"x\"\"y\",2\n{\"cells\":[{\"source\":[\"x\"]}]}\n<a><b c='d'>e</b></a>\nFrom x\nSubject: y\n\nz\n"
        );
        yield return [.. File.ReadAllBytes(cases.First(c => c.EndsWith(".docx", StringComparison.Ordinal)))];
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var i = random.Next(1, 8); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 200), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat("<{[(\\\"*_`#|"u8.ToArray()[random.Next(11)], random.Next(1, 3000)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
