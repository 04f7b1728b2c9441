using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using SearchEngine.Storage;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Problems of one kind that are named one by one; the rest is counted.</summary>
    private const int ProblemsPerCheck = 20;

    /// <summary>
    /// Checks every view against every other: records, key map, vectors, graphs, keyword index, manifest and log. Reads everything
    /// once; searches go on, writes wait until it is done. Changes nothing.
    /// </summary>
    public async Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _applyGate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => Verify(progress, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _applyGate.Release();
            }
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    private VerificationReport Verify(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var checks = new List<string>();
        var problems = new List<string>();
        if (_fault is not null) problems.Add($"The collection stopped taking writes: {_fault.Message}");

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
        foreach (var vector in _vectors)
        {
            Check($"vectors of '{vector.Field.Name}'", found => CheckVectors(vector, found));
            Check($"index of '{vector.Field.Name}'", found => CheckIndex(vector, found));
        }

        if (_lexical is not null) Check("keyword index", CheckLexical);
        Check("manifest", CheckManifest);
        Check("write log", _ => CheckLog(cancellationToken));
        return new VerificationReport(Name, problems, Count, checks, clock.Elapsed);
    }

    private string CheckRecords(Problems problems)
    {
        var seen = 0L;
        _records.Scan(
            RecordSpaces.Record,
            (key, value) =>
            {
                var ordinal = BinaryPrimitives.ReadInt32BigEndian(key);
                seen++;
                if (!_live.Contains(ordinal)) problems.Add($"record {ordinal} is stored but not live");
                try
                {
                    var document = DocumentCodec.Read(Schema, value);
                    var mapped = FindOrdinal(document.Key.Encode());
                    if (mapped != ordinal) problems.Add($"record {ordinal} has key '{document.Key}', which maps to {(mapped < 0 ? "nothing" : mapped)}");
                }
                catch (Exception e) when (e is FormatException or ArgumentException or UnsupportedFormatVersionException)
                {
                    problems.Add($"record {ordinal} cannot be read: {e.Message}");
                }
            },
            CancellationToken.None);
        if (seen != _live.Count) problems.Add($"{_live.Count} records are live, {seen} are stored");
        return $"{seen} read";
    }

    private string CheckKeys(Problems problems)
    {
        var seen = 0L;
        _records.Scan(
            RecordSpaces.Key,
            (key, value) =>
            {
                seen++;
                var ordinal = value.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(value) : -1;
                if (!_live.Contains(ordinal)) problems.Add($"key '{RecordKey.Decode(key)}' maps to ordinal {ordinal}, which is not live");
            },
            CancellationToken.None);
        if (seen != _live.Count) problems.Add($"{seen} keys for {_live.Count} live records");
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
                if (!_live.Contains(ordinal)) problems.Add($"the vector of ordinal {ordinal} is stored, its record is not live");
                else if (!vector.Index.Contains(ordinal)) problems.Add($"the vector of ordinal {ordinal} is stored but not indexed");
                if (!vector.TryRead(ordinal, components)) problems.Add($"the vector of ordinal {ordinal} has a wrong length");
            },
            CancellationToken.None);
        if (seen != vector.Index.Count) problems.Add($"{seen} vectors are stored, {vector.Index.Count} indexed");
        return $"{seen} stored";
    }

    private static string CheckIndex(VectorFieldIndex vector, Problems problems)
    {
        foreach (var problem in vector.Index.Verify()) problems.Add(problem);
        return $"{vector.Index.Count} vectors, {vector.Field.Index}, {vector.Field.Quantization}";
    }

    private string CheckLexical(Problems problems)
    {
        RefreshLexical();
        foreach (var problem in _lexical!.Check()) problems.Add(problem);
        var seen = 0L;
        _lexical.ForEachOrdinal(ordinal =>
        {
            seen++;
            if (!_live.Contains(ordinal)) problems.Add($"ordinal {ordinal} is indexed, its record is not live");
        });
        if (seen != _live.Count) problems.Add($"{seen} documents are indexed, {_live.Count} records are live");
        return $"{seen} documents";
    }

    private string CheckManifest(Problems problems)
    {
        var manifest = ManifestCodec.Read(_files);
        if (manifest.Address != _checkpointAddress) problems.Add($"the manifest's log address is {manifest.Address}, the open collection's {_checkpointAddress}");
        CheckAddress("record store", SavedAddress(_records), manifest.Address, problems);
        CheckAddress("graph store", SavedAddress(_graph), manifest.Address, problems);
        if (_lexical is not null)
        {
            var carried = _lexical.CommitData.TryGetValue(AddressProperty, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var address) ? address : (long?)null;
            CheckAddress("keyword index", carried, manifest.Address, problems);
        }

        if (SchemaComparer.FirstDifference(SchemaFile.Read(_files.Schema), Schema) is { } difference) problems.Add($"the stored schema differs: {difference}");
        return $"log address {manifest.Address}";
    }

    /// <summary>A view without an address was checkpointed by a version that did not write one.</summary>
    private static void CheckAddress(string view, long? carried, long expected, Problems problems)
    {
        if (carried is { } address && address != expected) problems.Add($"the {view} carries log address {address}, the manifest {expected}: files of two states were mixed");
    }

    private static long? SavedAddress(RecordStore store)
    {
        Span<byte> value = stackalloc byte[8];
        return store.Read(RecordSpaces.Address, AddressKey, value) == value.Length ? BinaryPrimitives.ReadInt64LittleEndian(value) : null;
    }

    private string CheckLog(CancellationToken cancellationToken)
    {
        var batches = 0;
        ReadBatches(_log, _checkpointAddress, (_, _) => batches++, cancellationToken);
        return $"{batches} batches since the checkpoint";
    }

    /// <summary>Collects the problems of one check, the first ones in words.</summary>
    private sealed class Problems(string check, int limit)
    {
        private readonly List<string> _lines = [];
        private long _more;

        public void Add(string problem)
        {
            if (_lines.Count < limit) _lines.Add($"{check}: {problem}");
            else _more++;
        }

        public IEnumerable<string> Lines() => _more == 0 ? _lines : _lines.Append($"{check}: and {_more} more");
    }
}
