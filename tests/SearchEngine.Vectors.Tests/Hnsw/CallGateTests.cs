using SearchEngine.Vectors.Hnsw;
using SearchEngine.Vectors.Quantization;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public class CallGateTests
{
    [Fact]
    public async Task MaintenanceWaitsForTheCallsThatRunAndNotForLaterOnes()
    {
        var gate = Gate();
        var insert = gate.Rent();
        gate.EnterInsert(insert);
        var search = gate.Rent();
        gate.EnterSearch(search);
        var inserts = Task.Run(gate.WaitForInserts);
        var calls = Task.Run(gate.WaitForCalls);
        CallGate.LeaveSearch(search);
        gate.EnterSearch(search);
        Assert.False(inserts.IsCompleted || calls.IsCompleted);
        CallGate.LeaveInsert(insert);
        await inserts.WaitAsync(TimeSpan.FromMinutes(1));
        // The second search may have begun before or after the epoch of the waiting; only its end is sure to let it through.
        CallGate.LeaveSearch(search);
        await calls.WaitAsync(TimeSpan.FromMinutes(1));
        gate.Return(insert);
        gate.Return(search);
        Assert.True(gate.Close());
    }

    [Fact]
    public async Task InsertsThatAreHeldGoOnWithTheNewCodes()
    {
        var gate = Gate();
        var scratch = gate.Rent();
        var old = gate.Space;
        gate.HoldInserts();
        var insert = Task.Run(() => gate.EnterInsert(scratch));
        var fresh = Space();
        gate.Space = fresh;
        Assert.False(insert.IsCompleted);
        gate.AdmitInserts();
        await insert.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Same(fresh, scratch.Space);
        CallGate.LeaveInsert(scratch);
        gate.Return(scratch);
        Assert.True(gate.Close());
        old.Dispose();
    }

    [Fact]
    public async Task ClosingWaitsAndRefusesLaterCalls()
    {
        var gate = Gate();
        var scratch = gate.Rent();
        var closing = Task.Run(gate.Close);
        Assert.False(closing.IsCompleted);
        gate.Return(scratch);
        Assert.True(await closing.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Throws<ObjectDisposedException>(gate.Rent);
        Assert.False(gate.Close());
    }

    private static CallGate Gate() => new(Space(), 4);

    private static CodeSpace Space() => new(VectorCodec.Create(new VectorIndexOptions { Dimension = 4 }));
}
