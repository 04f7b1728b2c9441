using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SearchEngine.Ingestion.Tests.Reading;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>
/// Damaged files of every format: a reader gives documents or says in a sentence why not, in bounded time and memory; it looks at no other file, asks
/// no network, and leaves nothing on the disk.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    /// <summary>More rounds for a longer run, as docs/cli.md says; they are held to the time that an idle machine takes.</summary>
    private static readonly int? LongRounds = int.TryParse(Environment.GetEnvironmentVariable("SEARCHENGINE_FUZZ_ROUNDS"), out var rounds)
        ? rounds
        : null;

    private const int ShortRounds = 25;

    /// <summary>The bound on a long run, and far above it where other tests run beside.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(LongRounds is null ? 60 : 10);

    /// <summary>All that a file of some kilobytes may allocate, even if it were held at once.</summary>
    private const long MaxAllocated = 1L << 30;

    /// <summary>Stands in a file outside of the one that is read.</summary>
    private const string Secret = "xyzzysecretword";

    private readonly TempFolder _folder = new();
    private readonly TempFolder _outside = new();
    private readonly TcpListener _network = new(IPAddress.Loopback, 0);

    public FuzzTests() => _network.Start();

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
        _outside.Dispose();
    }

    public static TheoryData<string> Extensions => [.. SampleFiles.Extensions];

    private SampleFiles Samples =>
        new(_outside.Write("secret.txt", Secret), $"http://127.0.0.1:{((IPEndPoint)_network.LocalEndpoint).Port}");

    /// <summary>What gzip packs has its kind from the name inside.</summary>
    private static string NameOf(string extension) => extension == ".gz" ? "f.txt.gz" : "f" + extension;

    [Fact]
    public void There_are_samples_for_every_reader() =>
        Assert.All(DocumentReaders.Default, reader => Assert.Contains(reader.Extensions, SampleFiles.Extensions.Contains));

    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_whole_file_is_read_by_itself_alone(string extension)
    {
        foreach (var (bytes, i) in Samples.Of(extension).Select((bytes, i) => (bytes, i)))
        {
            var extracted = Extracted.Of(_folder.Write(i + NameOf(extension), bytes));

            Assert.NotEmpty(extracted.Documents);
            Assert.DoesNotContain(Secret, extracted.Text, StringComparison.Ordinal);
        }

        Assert.False(_network.Pending(), "something asked the network");
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_damaged_file_is_read_or_refused(string extension)
    {
        var seed = LongRounds is null ? extension.Sum(c => c) : Environment.TickCount;
        var random = new Random(seed);
        var seeds = Samples.Of(extension).ToList();
        for (var round = 0; round < (LongRounds ?? ShortRounds); round++)
        {
            var bytes = Mutation.Of(seeds[random.Next(seeds.Count)], random);
            var path = _folder.Write(NameOf(extension), bytes);
            var where = $"seed {seed}, round {round} of {extension}";
            var watch = Stopwatch.StartNew();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.DoesNotContain(Secret, Extracted.Of(path).Text, StringComparison.Ordinal);
            }
            catch (SourceFormatException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message), where);
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"{where}: {Kept(extension, seed, bytes)} {e}");
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (watch.Elapsed >= Patience || allocated >= MaxAllocated)
            {
                Assert.Fail($"{where} took {watch.Elapsed} and {allocated} bytes: {Kept(extension, seed, bytes)}");
            }
        }

        Assert.Equal([NameOf(extension)], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(["secret.txt"], Directory.EnumerateFileSystemEntries(_outside.Path).Select(Path.GetFileName));
        Assert.False(_network.Pending(), "something asked the network");
    }

    /// <summary>What opens and never closes, in any of the formats, and what parsers look ahead from.</summary>
    private static readonly string[] Tokens =
    [
        .. "[ ( { < * _ ` | > - = + ~ ^ $ # & ! \" ' \\ / : ; , . a".Split(' '),
        " ",
        "\t",
        "\r",
        "\n",
        "<b>",
        "<sup>",
        "<main>",
        "<a href=x>",
        "<x1",
        "</x>",
        "<x> ",
        "<!--",
        "<![CDATA[",
        "<table><tr><td>",
        "<noembed>",
        "![",
        "](",
        "[[",
        "<<",
        "**a ",
        "`` ",
        ":a:`",
        "\\a[",
        "\\begin{",
        "{\\b ",
        "\\'",
        "> ",
        "- ",
        "= = ",
        "| a ",
        ":::\n",
        "===\n",
        "```\n",
        ".. a::\n",
        "#+begin_src\n",
        "a\n-\n",
        "\"a,",
        "&amp;",
        "{\"a\":",
        "Subject: a\n",
        "--b\n",
        "def a\n",
        "。",
    ];

    [Theory]
    [MemberData(nameof(Extensions))]
    public void What_repeats_without_end_takes_no_time_without_end(string extension)
    {
        const int Length = 20_000;
        if (Samples.Of(extension).Any(seed => seed is [(byte)'P', (byte)'K', ..] or [0x1F, 0x8B, ..] or [(byte)'%', (byte)'P', ..]))
        {
            return;
        }

        foreach (var token in Tokens)
        {
            var repeated = string.Concat(Enumerable.Repeat(token, (LongRounds is null ? Length : Length * 20) / token.Length));
            // RTF is refused without its mark, and JSON, mail and XML without a beginning of their own.
            var text = extension == ".rtf" ? @"{\rtf1 " + repeated : repeated;
            var path = _folder.Write(NameOf(extension), text);
            var watch = Stopwatch.StartNew();
            try
            {
                _ = Extracted.Of(path);
            }
            catch (SourceFormatException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message), token);
            }

            Assert.True(watch.Elapsed < Patience, $"'{token}' in {extension} took {watch.Elapsed}");
        }
    }

    /// <summary>Where the file lies that brought a reader down, to be looked at.</summary>
    private static string Kept(string extension, int seed, byte[] bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"searchengine-fuzz-{seed}{extension}");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
