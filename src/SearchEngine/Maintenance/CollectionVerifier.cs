using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Writing;

namespace SearchEngine.Maintenance;

/// <summary>
/// Holds every view against every other: records, key map, vectors, graphs, keyword index, manifest and log. Searches go on, writes and
/// checkpoints wait. Changes nothing but for taking out what died and no reader holds up. Thread-safe.
/// </summary>
internal sealed class CollectionVerifier(
    CollectionSchema schema,
    CollectionFiles files,
    CollectionViews views,
    KeyDirectory keys,
    LexicalView? lexical,
    Timeline timeline,
    WritePipeline pipeline,
    Checkpointer checkpointer
)
{
    /// <summary>Problems of one kind that are named one by one; the rest is counted.</summary>
    private const int ProblemsPerCheck = 20;

    public Task<VerificationReport> RunAsync(IProgress<string>? progress, CancellationToken cancellationToken) =>
        checkpointer.HoldingGateAsync(
            () =>
                Task.Run(
                    () =>
                        pipeline.BetweenGroupsAsync(
                            () => new Run(this, [.. pipeline.Retired.ToArray()]).Check(progress, cancellationToken),
                            cancellationToken
                        ),
                    cancellationToken
                ),
            cancellationToken
        );

    /// <summary>One verification: what must be in the views is what is live, and what died and readers hold up.</summary>
    private sealed class Run(CollectionVerifier owner, HashSet<int> retired)
    {
        private readonly CollectionVerifier _owner = owner;
        private readonly CollectionViews _views = owner.Views;
        private readonly LiveSnapshot _live = owner.Timeline.Current.Live;

        private long Stored => _live.Count + retired.Count;

        public VerificationReport Check(IProgress<string>? progress, CancellationToken cancellationToken)
        {
            var clock = Stopwatch.StartNew();
            var checks = new List<string>();
            var problems = new List<string>();
            if (_owner.Pipeline.Fault is { } fault)
                problems.Add($"The collection stopped taking writes: {fault.Message}");

            void Check(string what, Func<Problems, string> run)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(what);
                var found = new Problems(what, ProblemsPerCheck);
                try
                {
                    checks.Add($"{what}: {run(found)}");
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    found.Add(e.Message);
                }

                problems.AddRange(found.Lines());
            }

            Check("records", CheckRecords);
            Check("key map", CheckKeys);
            foreach (var vector in _views.Vectors)
            {
                Check($"vectors of '{vector.Field.Name}'", found => CheckVectors(vector, found));
                Check($"index of '{vector.Field.Name}'", found => CheckIndex(vector, found));
            }

            if (_owner.Lexical is { } lexical)
                Check("keyword index", found => CheckLexical(lexical, found));
            Check("manifest", CheckManifest);
            Check("write log", _ => CheckLog(cancellationToken));
            return new VerificationReport(_owner.Schema.Name, problems, _live.Count, checks, clock.Elapsed);
        }

        private bool Belongs(int ordinal) => _live.Contains(ordinal) || retired.Contains(ordinal);

        private string CheckRecords(Problems problems)
        {
            var seen = 0L;
            _views.Records.Scan(
                RecordSpaces.Record,
                (key, value) =>
                {
                    var ordinal = BinaryPrimitives.ReadInt32BigEndian(key);
                    seen++;
                    if (!Belongs(ordinal))
                        problems.Add($"record {ordinal} is stored but not live");
                    try
                    {
                        var document = DocumentCodec.Read(_owner.Schema, value);
                        var mapped = _owner.Keys.Mapped(document.Key.Encode());
                        if (mapped != ordinal && !retired.Contains(ordinal))
                            problems.Add($"record {ordinal} has key '{document.Key}', which maps to {(mapped < 0 ? "nothing" : mapped)}");
                    }
                    catch (Exception e) when (e is FormatException or ArgumentException or Storage.UnsupportedFormatVersionException)
                    {
                        problems.Add($"record {ordinal} cannot be read: {e.Message}");
                    }
                },
                CancellationToken.None
            );
            if (seen != Stored)
                problems.Add($"{_live.Count} records are live, {seen} are stored");
            return $"{seen} read";
        }

        private string CheckKeys(Problems problems)
        {
            var seen = 0L;
            _views.Records.Scan(
                RecordSpaces.Key,
                (key, value) =>
                {
                    seen++;
                    var ordinal = value.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(value) : -1;
                    if (!_live.Contains(ordinal))
                        problems.Add($"key '{RecordKey.Decode(key)}' maps to ordinal {ordinal}, which is not live");
                },
                CancellationToken.None
            );
            if (seen != _live.Count)
                problems.Add($"{seen} keys for {_live.Count} live records");
            return $"{seen} keys";
        }

        private string CheckVectors(VectorFieldIndex vector, Problems problems)
        {
            var seen = 0;
            var components = new float[vector.Field.Dimension];
            vector.ForEachStored(
                ordinal =>
                {
                    seen++;
                    if (!Belongs(ordinal))
                        problems.Add($"the vector of ordinal {ordinal} is stored, its record is not live");
                    else if (!vector.Index.Contains(ordinal))
                        problems.Add($"the vector of ordinal {ordinal} is stored but not indexed");
                    if (!vector.TryRead(ordinal, components))
                        problems.Add($"the vector of ordinal {ordinal} has a wrong length");
                },
                CancellationToken.None
            );
            if (seen != vector.Index.Count)
                problems.Add($"{seen} vectors are stored, {vector.Index.Count} indexed");
            return $"{seen} stored";
        }

        private static string CheckIndex(VectorFieldIndex vector, Problems problems)
        {
            foreach (var problem in vector.Index.Verify())
                problems.Add(problem);
            return $"{vector.Index.Count} vectors, {vector.Field.Index}, {vector.Field.Quantization}";
        }

        private string CheckLexical(LexicalView lexical, Problems problems)
        {
            var index = lexical.Fresh();
            foreach (var problem in index.Check())
                problems.Add(problem);
            var seen = 0L;
            index.ForEachOrdinal(ordinal =>
            {
                seen++;
                if (!Belongs(ordinal))
                    problems.Add($"ordinal {ordinal} is indexed, its record is not live");
            });
            if (seen != Stored)
                problems.Add($"{seen} documents are indexed, {_live.Count} records are live");
            return $"{seen} documents";
        }

        private string CheckManifest(Problems problems)
        {
            var manifest = ManifestCodec.Read(_owner.Files);
            var address = _owner.Checkpointer.Address;
            if (manifest.Address != address)
                problems.Add($"the manifest's log address is {manifest.Address}, the open collection's {address}");
            CheckAddress("record store", LiveImage.LoadAddress(_views.Records), manifest.Address, problems);
            CheckAddress("graph store", LiveImage.LoadAddress(_views.Graph), manifest.Address, problems);
            if (_views.Lexical is { } index)
            {
                var carried =
                    index.CommitData.TryGetValue(ManifestCodec.AddressProperty, out var text)
                    && long.TryParse(text, CultureInfo.InvariantCulture, out var number)
                        ? number
                        : (long?)null;
                CheckAddress("keyword index", carried, manifest.Address, problems);
            }

            if (SchemaComparer.FirstDifference(SchemaFile.Read(_owner.Files.Schema), _owner.Schema) is { } difference)
                problems.Add($"the stored schema differs: {difference}");
            return $"log address {manifest.Address}";
        }

        /// <summary>A view without an address was checkpointed by a version that did not write one.</summary>
        private void CheckAddress(string view, long? carried, long expected, Problems problems)
        {
            if (carried is { } address && address != expected && address != _owner.Checkpointer.AttemptedAddress)
                problems.Add($"the {view} carries log address {address}, the manifest {expected}: files of two states were mixed");
        }

        private string CheckLog(CancellationToken cancellationToken)
        {
            var batches = 0;
            LogReplayer.ReadBatches(_views.Log, _owner.Checkpointer.Address, (_, _) => batches++, cancellationToken);
            return $"{batches} batches since the checkpoint";
        }
    }

    private CollectionSchema Schema => schema;

    private CollectionFiles Files => files;

    private CollectionViews Views => views;

    private KeyDirectory Keys => keys;

    private LexicalView? Lexical => lexical;

    private Timeline Timeline => timeline;

    private WritePipeline Pipeline => pipeline;

    private Checkpointer Checkpointer => checkpointer;

    /// <summary>Collects the problems of one check, the first ones in words.</summary>
    private sealed class Problems(string check, int limit)
    {
        private readonly List<string> _lines = [];
        private long _more;

        public void Add(string problem)
        {
            if (_lines.Count < limit)
                _lines.Add($"{check}: {problem}");
            else
                _more++;
        }

        public IEnumerable<string> Lines() => _more == 0 ? _lines : _lines.Append($"{check}: and {_more} more");
    }
}
